import { defineCommand } from '../command.js';
import { transactionText } from '../db/dialect/sql-text.js';
import { assertMigrated, findMigration } from '../db/migrations/plan.js';
import { type Entry, rehearse } from '../db/migrations/rehearse.js';
import { migrationUserModel } from '../db/migrations/user-model.js';
import { CommandError } from '../errors.js';
import { readMigrations } from '../schema/migration-state.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Print the SQL statements of one migration.',
  json: false,
  positionals: {
    appLabel: { required: true, describe: 'App of the migration.' },
    migrationName: { required: true, describe: 'Name of the migration, or the beginning of it.' },
  },
  options: {
    ...database,
    backwards: { type: 'boolean', describe: 'Print the statements that unapply it.' },
  },
  examples: [['manage sqlmigrate auth 0001', 'Show how the tables of accounts are made.']],
  async run(context, { appLabel, migrationName, database, backwards }) {
    const { settings, terminal, now } = context;
    const connection = await context.connect(database, { declared: true });
    const state = (await readMigrations(connection, settings)).unsquashed();
    assertMigrated(state, appLabel);
    const { key, load } = findMigration(state, appLabel, migrationName);
    const migration = await load();
    if (backwards && migration.down === undefined) {
      throw new CommandError(`The migration ${key} cannot be undone.`, {
        code: 'irreversible',
        hint: 'Leave --backwards out, or give it a `down`.',
      });
    }
    const userModel = migrationUserModel(connection.registry, state);
    const { entries } = await rehearse(connection, migration, { backwards, userModel, now: now() });
    if (entries.length === 0) {
      terminal.note('No operations found.');
      return undefined;
    }
    const lines = entries.flatMap(linesOf);
    const inTransaction = migration.atomic !== false && connection.dialect.features.transactionalDdl;
    await terminal.write(inTransaction ? transactionText(connection.dialect, lines) : `${lines.join('\n')}\n`);
    return undefined;
  },
});

function linesOf(entry: Entry, index: number, all: readonly Entry[]): string[] {
  if (entry.kind === 'statement') return [`${entry.sql};`];
  const heading = ['--', `-- ${entry.description}`, '--'];
  if (entry.kind === 'work') return [...heading, '-- THIS OPERATION CANNOT BE WRITTEN AS SQL'];
  return all[index + 1]?.kind === 'statement' ? heading : [...heading, '-- (no-op)'];
}
