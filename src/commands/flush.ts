import { defineCommand } from '../command.js';
import type { EmptiedRows } from '../rows/flush.js';
import { counted } from '../text.js';
import { cascade, emptiedLines, emptyLabels, flushedText, keptLines, rowsOf } from './shared/data/emptying.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Remove all data from the database, or from some apps, and recreate content types and permissions.',
  positionals: emptyLabels,
  options: {
    ...database,
    ...destructive,
    ...cascade,
    keepSuperusers: { type: 'boolean', describe: 'Keep the accounts of superusers.' },
    lockTimeout: {
      type: 'integer',
      unit: 'seconds',
      min: 1,
      placeholder: 'SECONDS',
      describe: 'Give up after waiting this long for a lock.',
    },
  },
  examples: [
    ['manage flush', 'Empty all tables, after asking.'],
    ['manage flush sessions --no-input', 'Empty the sessions only, without asking.'],
    ['manage flush --dry-run', 'Show the tables and how many rows would go.'],
  ],
  async run({ connect, terminal, signal }, { label: labels, database: alias, cascade, keepSuperusers, ...args }) {
    const locks = args.lockTimeout === undefined ? {} : { lockTimeoutMs: args.lockTimeout * 1000 };
    const connection = await connect(alias, { ...locks, thirdParty: true, writes: !args.dryRun });
    if (!args.dryRun) assertAllowed(connection, args.allowProtected);
    const { flush, previewFlush } = await import('../rows/flush.js');
    const options = {
      labels,
      cascade,
      keepSuperusers,
      signal,
      ...locks,
    };
    const place = placeOf(connection);
    const document = (tables: readonly EmptiedRows[], more: object) => ({
      json: { database: alias, target: connection.target, dryRun: args.dryRun, tables, ...more },
    });
    const nothing = { flushed: false, rows: 0, contentTypes: 0, permissions: 0 };
    if (args.dryRun || !args.noInput) {
      const preview = await previewFlush(connection, options);
      const { emptied } = preview;
      const rows = rowsOf(emptied);
      const lines = emptiedLines(preview);
      if (emptied.length > 0 && args.dryRun) {
        await printPreview(terminal, [`A flush of ${place} would remove ${counted(rows, 'row')}:`, ...lines]);
      }
      if (args.dryRun) {
        if (emptied.length === 0) terminal.note('No tables found.');
        return document(emptied, { ...nothing, rows });
      }
      const asked = [
        'You have requested a flush of the database.',
        `This will IRREVERSIBLY DESTROY ${counted(rows, 'row')} in ${place},`,
        'and return each of these tables to an empty state:',
        ...lines,
      ];
      const question = { noInput: false, cancelled: 'Flush cancelled.', lines: asked };
      if (emptied.length > 0 && !(await confirmDestruction(terminal, question))) {
        return document(emptied, { ...nothing, cancelled: true });
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
