import { defineCommand } from '../command.js';
import { CommandError } from '../errors.js';
import { knownNames } from '../text.js';
import { contentText, countRows, noContent, openResettable } from './shared/data/database-content.js';
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
  async run(context, { database: alias, noInput, dryRun, allowProtected, closeSessions }) {
    const { settings, terminal } = context;
    const parsed = settings.databases[alias];
    if (parsed === undefined)
      throw new CommandError(`There is no database '${alias}' in the settings.`, {
        code: 'unknown_database',
        hint: knownNames(alias, Object.keys(settings.databases)),
      });
    const connection = await openResettable(context, alias, { writes: !dryRun });
    if (!dryRun) assertAllowed({ ...parsed, target: connection?.target ?? 'not there yet' }, allowProtected);
    // Counting takes long, and is for those who decide by it.
    const content = connection === undefined ? noContent : await countRows(connection, dryRun || !noInput);
    const { where, what } = contentText(alias, connection, content);
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
