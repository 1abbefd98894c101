import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { assertAllowed, confirmDestruction, destructive, placeOf } from './shared/destructive.js';
import { database } from './shared/options.js';
import { appLabels } from './shared/schema/sql.js';

export default defineCommand({
  describe: 'Print the SQL statements that reset sequences.',
  json: false,
  positionals: appLabels,
  options: {
    ...database,
    apply: { type: 'boolean', describe: 'Run the statements instead of printing them.' },
    ...destructive,
  },
  examples: [
    ['manage sqlsequencereset auth', 'Show the statements for the tables of one app.'],
    ['manage sqlsequencereset auth --apply', 'Run them.'],
  ],
  async run({ connect, terminal }, { app: labels, database: alias, apply, noInput, dryRun, allowProtected }) {
    const connection = await connect(alias, { thirdParty: true, writes: apply && !dryRun });
    if (apply && !dryRun) assertAllowed(connection, allowProtected);
    const { sequenceSql, tablesWithoutSequence } = await import('../schema/app-sql.js');
    const { transactionText } = await import('../db/dialect/sql-text.js');
    const statements = await sequenceSql(connection, connection.db, labels);
    for (const table of await tablesWithoutSequence(connection, connection.db, labels)) {
      terminal.warn(`The key of '${table}' has no sequence: new rows get no key. \`manage check\` shows such columns.`);
    }
    if (statements.length === 0) {
      terminal.note('No sequences found.');
      return undefined;
    }
    if (!apply || dryRun) {
      await terminal.write(transactionText(connection.dialect, statements));
      return undefined;
    }
    const sequences = counted(statements.length, 'sequence');
    const agreed = await confirmDestruction(terminal, {
      noInput,
      cancelled: 'Nothing was changed.',
      lines: [`This sets ${sequences} in ${placeOf(connection)} by the greatest keys that are there.`],
    });
    if (!agreed) return undefined;
    const { runStatements } = await import('../rows/run-statements.js');
    await runStatements(connection, statements);
    terminal.say(`Set ${sequences} in ${placeOf(connection)}.`);
    return undefined;
  },
});
