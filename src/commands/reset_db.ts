import { defineCommand } from '../command.js';
import { CommandError } from '../errors.js';
import { counted, knownNames, several } from '../text.js';
import { countRows } from './shared/data/database-content.js';
import { assertAllowed, confirmDestruction, destructive, printPreview } from './shared/destructive.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Drop the database and create it again, empty.',
  options: {
    ...database,
    ...destructive,
    closeSessions: { type: 'boolean', describe: 'Close connections of other programs (PostgreSQL).' },
  },
  examples: [['manage reset_db && manage migrate', 'Begin again with empty tables.']],
  async run({ connect, settings, terminal }, { database: alias, noInput, dryRun, allowProtected, closeSessions }) {
    const parsed = settings.databases[alias];
    if (parsed === undefined)
      throw new CommandError(`There is no database '${alias}' in the settings.`, {
        code: 'unknown_database',
        hint: knownNames(alias, Object.keys(settings.databases)),
      });
    const connection = await connect(alias, { writes: !dryRun }).catch((error: unknown) => {
      if (!(error instanceof CommandError)) throw error;
      if (['missing_database', 'missing_schema'].includes(error.code)) return undefined;
      if (error.code !== 'not_a_database') throw error;
      const hint = 'Check the database URL in the settings. If the file is no longer wanted, remove it.';
      throw new CommandError(error.message, { code: error.code, hint, cause: error });
    });
    if (!dryRun) assertAllowed({ ...parsed, target: connection?.target ?? 'not there yet' }, allowProtected);
    // Counting takes long, and is for those who decide by it.
    const content =
      connection === undefined ? { tables: 0, rows: 0, virtual: [] } : await countRows(connection, dryRun || !noInput);
    const where = connection === undefined ? `'${alias}', which is not there yet` : `'${alias}' (${connection.target})`;
    const virtual = content.virtual.length === 0 ? '' : ` and the virtual tables ${several(content.virtual)}`;
    const what = `${counted(content.tables, 'table')} with ${counted(content.rows ?? 0, 'row')}${virtual}`;
    const json = { database: alias, target: connection?.target ?? null, dryRun, ...content };
    if (dryRun) {
      const preview = connection === undefined ? `make the database ${where}` : `drop the database ${where}: ${what}`;
      await printPreview(terminal, [`This would ${preview}.`]);
      return { json: { ...json, reset: false } };
    }
    const agreed =
      connection === undefined ||
      (await confirmDestruction(terminal, {
        noInput,
        cancelled: 'Reset cancelled.',
        lines: [
          'You have requested a database reset.',
          `This will IRREVERSIBLY DESTROY all ${what} in the database ${where}, and the tables themselves.`,
        ],
      }));
    if (!agreed) return { json: { ...json, reset: false, cancelled: true } };
    await connection?.close();
    const { resetDatabase } = await import('../db/connect/reset.js');
    const { sqliteDriver: driver } = settings;
    const { notKept } = await resetDatabase(parsed, { closeSessions, ...(driver === undefined ? {} : { driver }) });
    const name = connection === undefined ? `'${alias}'` : where;
    terminal.say(`The database ${name} is new and empty now. Run \`manage migrate\` to make its tables.`);
    if (notKept.length > 0) {
      terminal.warn(`This user could not give it again: ${notKept.join(', ')}. Let a superuser do so.`);
    }
    return { json: { ...json, reset: true, notKept } };
  },
});
