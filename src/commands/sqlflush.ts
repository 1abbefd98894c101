import { defineCommand } from '../command.js';
import { cascade, emptyLabels, virtualLines } from './shared/data/emptying.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Print the SQL statements that flush would run.',
  json: false,
  positionals: emptyLabels,
  options: { ...database, ...cascade },
  examples: [
    ['manage sqlflush | manage dbshell', 'Empty all tables; content types and permissions are not created again.'],
    ['manage sqlflush sessions', 'Show what flush would run for one app.'],
  ],
  async run({ connect, terminal }, { label: labels, database: alias, cascade }) {
    const connection = await connect(alias, { thirdParty: true });
    const { planEmptying } = await import('../rows/empty-plan.js');
    const { transactionText } = await import('../db/dialect/sql-text.js');
    const { tables, virtual } = await planEmptying(connection, connection.db, { labels, cascade });
    if (tables.length === 0) terminal.note('No tables found.');
    const statements = tables.length === 0 ? [] : await connection.dialect.emptySql(connection.db, tables);
    for (const line of virtualLines(virtual)) terminal.note(line);
    const restarts = (await connection.dialect.restartKeysSql?.(tables)) ?? [];
    await terminal.write(transactionText(connection.dialect, statements, restarts));
    return undefined;
  },
});
