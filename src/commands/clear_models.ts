import { defineCommand } from '../command.js';
import { findModel } from '../registry/define.js';
import type { ClearedRows } from '../rows/clear.js';
import { counted } from '../text.js';
import { clearedLine, heldLines, partLines } from './reports/clearing.js';
import { virtualLines } from './shared/data/emptying.js';
import { assertAllowed, confirmDestruction, destructive, placeOf } from './shared/destructive.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Delete all rows of models with the rows that refer to them, in batches.',
  positionals: {
    label: { variadic: true, required: true, describe: 'An app or a model: sessions, auth.User.' },
  },
  options: {
    ...database,
    ...destructive,
    cascade: { type: 'boolean', describe: 'Also delete rows of unknown tables that refer to these.' },
    setNull: { type: 'boolean', describe: 'Keep rows that refer to these by a column that may be NULL, and empty it.' },
    batchSize: {
      type: 'string',
      placeholder: 'ROWS',
      describe: "Rows per transaction, or 'all'; by default as many as take about 50 ms.",
    },
  },
  examples: [
    ['manage clear_models sessions', 'Delete all sessions.'],
    ['manage clear_models auth.User --dry-run', 'Show what deleting all users would delete.'],
  ],
  async run({ connect, terminal, signal }, { label: labels, database: alias, cascade, setNull, ...args }) {
    const { parseBatchSize } = await import('../db/write/batches.js');
    const size = parseBatchSize(args.batchSize);
    const connection = await connect(alias, { thirdParty: true, writes: !args.dryRun });
    if (!args.dryRun) assertAllowed(connection, args.allowProtected);
    const [{ planClearing }, { clear, countCleared }] = await Promise.all([
      import('../rows/clear-plan.js'),
      import('../rows/clear.js'),
    ]);
    const plan = await planClearing(connection, connection.db, { labels, cascade, setNull });
    const counts = await countCleared(connection.db, plan);
    for (const line of virtualLines(plan.virtual)) terminal.note(line);
    const held = [...heldLines(connection.registry, labels, counts), ...partLines(connection.registry, labels)];
    const total = counts.reduce((sum, { rows }) => sum + rows, 0);
    const document = (cleared: boolean, tables: readonly ClearedRows[], more: { readonly cancelled?: true } = {}) => ({
      json: { database: alias, target: connection.target, dryRun: args.dryRun, cleared, tables, ...more },
    });
    if (args.dryRun) {
      terminal.say(`This would delete or change ${counted(total, 'row')} in ${placeOf(connection)}:`);
      for (const line of [...counts.map(clearedLine), ...held]) terminal.say(line);
      return document(false, counts);
    }
    const agreed = await confirmDestruction(terminal, {
      noInput: args.noInput,
      cancelled: 'Nothing was deleted.',
      lines: [
        `This will DELETE OR CHANGE ${counted(total, 'row')} in ${placeOf(connection)}:`,
        ...counts.map(clearedLine),
        ...held,
      ],
    });
    if (!agreed) return document(false, [], { cancelled: true });
    if (args.noInput) for (const line of held) terminal.warn(line.replace('They', 'The rows to delete'));
    const progress = terminal.progress('Deleting rows');
    const done = await clear(connection, plan, {
      size,
      signal,
      onProgress: (rows) => progress.update(rows, total),
    }).finally(() => progress.stop());
    const deleted = done.filter(({ column }) => column === undefined).reduce((sum, { rows }) => sum + rows, 0);
    terminal.say(`Deleted ${counted(deleted, 'row')} from ${placeOf(connection)}:`);
    for (const count of done) terminal.say(clearedLine(count));
    const made = ['contenttypes.contenttype', 'auth.permission'].map(
      (name) => findModel(connection.registry, name)?.table,
    );
    if (done.some(({ table, rows }) => rows > 0 && made.includes(table))) {
      terminal.note('Run `manage migrate` to make content types and permissions again.');
    }
    return document(true, done);
  },
});
