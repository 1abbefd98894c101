import { defineCommand } from '../command.js';
import type { EmptiedRows } from '../rows/flush.js';
import { counted } from '../text.js';
import { cascade, emptyLabels, flushedText, keptLines, rowsOf } from './shared/data/emptying.js';
import { confirmFlush, showFlush } from './shared/data/flushing.js';
import { assertAllowed, destructive, placeOf } from './shared/destructive.js';
import { database, locksOf, lockTimeout } from './shared/options.js';

export default defineCommand({
  describe: 'Remove all data from the database, or from some apps, and recreate content types and permissions.',
  positionals: emptyLabels,
  options: {
    ...database,
    ...destructive,
    ...cascade,
    keepSuperusers: { type: 'boolean', describe: 'Keep the accounts of superusers.' },
    ...lockTimeout,
  },
  examples: [
    ['manage flush', 'Empty all tables, after asking.'],
    ['manage flush sessions --no-input', 'Empty the sessions only, without asking.'],
    ['manage flush --dry-run', 'Show the tables and how many rows would be deleted.'],
  ],
  async run({ connect, terminal, signal }, { label: labels, database: alias, cascade, keepSuperusers, ...args }) {
    const locks = locksOf(args.lockTimeout);
    const connection = await connect(alias, { ...locks, thirdParty: true, writes: !args.dryRun });
    if (!args.dryRun) assertAllowed(connection, args.allowProtected);
    const { flush, previewFlush } = await import('../rows/flush.js');
    const options = { labels, cascade, keepSuperusers, signal, ...locks };
    const place = placeOf(connection);
    const document = (tables: readonly EmptiedRows[], more: object) => ({
      json: { database: alias, target: connection.target, dryRun: args.dryRun, tables, ...more },
    });
    const nothing = { flushed: false, rows: 0, contentTypes: 0, permissions: 0 };
    if (args.dryRun || !args.noInput) {
      const preview = await previewFlush(connection, options);
      if (args.dryRun) {
        await showFlush(terminal, preview, place);
        return document(preview.emptied, { ...nothing, rows: rowsOf(preview.emptied) });
      }
      if (!(await confirmFlush(terminal, preview, place))) {
        return document(preview.emptied, { ...nothing, cancelled: true });
      }
    }
    const result = await flush(connection, options);
    const { emptied, created, kept } = result;
    if (emptied.length === 0) {
      terminal.note('No tables found.');
      return document(emptied, nothing);
    }
    const rows = rowsOf(emptied);
    const contentTypes = created.contentTypes.length + kept.contentTypes;
    const permissions = created.permissions.length + kept.permissions;
    terminal.say(`Removed ${counted(rows, 'row')} from ${flushedText(result, place)}.`);
    if (args.noInput) for (const line of keptLines(result)) terminal.note(line);
    return document(emptied, { flushed: true, rows, contentTypes, permissions });
  },
});
