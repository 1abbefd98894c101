import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { assertAllowed, confirmDestruction, destructive, placeOf } from './_destructive.js';
import { cascade, emptiedLines, emptyLabels } from './_emptying.js';
import { database } from './_options.js';

export default defineCommand({
  describe: 'Remove all data from the database, or those of some apps, and make content types and permissions again.',
  positionals: emptyLabels,
  options: {
    ...database,
    ...destructive,
    ...cascade,
    keepSuperusers: { type: 'boolean', describe: 'Leave the accounts of superusers.' },
    lockTimeout: {
      type: 'integer',
      min: 1,
      placeholder: 'SECONDS',
      describe: 'Give up after this time if another program uses the tables.',
    },
  },
  examples: [
    ['manage flush', 'Empty all tables, after asking.'],
    ['manage flush sessions --no-input', 'Empty the sessions only, without asking.'],
    ['manage flush --dry-run', 'Show the tables and how many rows would go.'],
  ],
  async run({ connect, terminal, signal }, { label: labels, database: alias, cascade, keepSuperusers, ...args }) {
    const connection = await connect(alias);
    if (!args.dryRun) assertAllowed(connection, args.allowProtected);
    const { flush, previewFlush } = await import('../data/flush.js');
    const options = { labels, cascade, keepSuperusers };
    const preview = await previewFlush(connection, connection.db, options);
    const json = { database: alias, target: connection.target, dryRun: args.dryRun, tables: preview.emptied };
    const rows = preview.emptied.reduce((sum, each) => sum + each.rows, 0);
    const lines = emptiedLines(preview);
    if (preview.tables.length === 0) {
      terminal.note('No tables found.');
      return { json: { ...json, flushed: false, rows, contentTypes: 0, permissions: 0 } };
    }
    if (args.dryRun) {
      for (const line of [`A flush of ${placeOf(connection)} would remove ${counted(rows, 'row')}:`, ...lines]) {
        terminal.say(line);
      }
      return { json: { ...json, flushed: false, rows, contentTypes: 0, permissions: 0 } };
    }
    const agreed = await confirmDestruction(terminal, {
      noInput: args.noInput,
      cancelled: 'Flush cancelled.',
      lines: [
        'You have requested a flush of the database.',
        `This will IRREVERSIBLY DESTROY ${counted(rows, 'row')} in ${placeOf(connection)},`,
        'and return each of these tables to an empty state:',
        ...lines,
      ],
    });
    if (!agreed) return { json: { ...json, flushed: false, rows: 0, contentTypes: 0, permissions: 0 } };
    const { emptied, created } = await flush(connection, {
      ...options,
      signal,
      ...(args.lockTimeout === undefined ? {} : { lockTimeoutMs: args.lockTimeout * 1000 }),
    });
    const removed = emptied.reduce((sum, each) => sum + each.rows, 0);
    const contentTypes = created.contentTypes.length;
    const permissions = created.permissions.length;
    terminal.say(
      `Removed ${counted(removed, 'row')} from ${counted(emptied.length, 'table')} of ${placeOf(connection)}, ` +
        `and made ${counted(contentTypes, 'content type')} and ${counted(permissions, 'permission')} again.`,
    );
    return { json: { ...json, tables: emptied, flushed: true, rows: removed, contentTypes, permissions } };
  },
});
