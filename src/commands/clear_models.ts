import { defineCommand } from '../command.js';
import type { ClearedRows } from '../rows/clear.js';
import { counted } from '../text.js';
import { clearedLine, heldLines, sayClearedModels } from './reports/clearing.js';
import { virtualLines } from './shared/data/emptying.js';
import { assertAllowed, confirmDestruction, destructive, placeOf } from './shared/destructive.js';
import { batchSize, cascadeRows, database } from './shared/options.js';

export default defineCommand({
  describe: 'Delete all rows of models, and the rows that refer to them, in batches.',
  positionals: {
    label: { variadic: true, required: true, describe: 'An app or a model: sessions, auth.User.' },
  },
  options: {
    ...database,
    ...destructive,
    ...cascadeRows,
    setNull: { type: 'boolean', describe: 'Set nullable references to NULL instead of deleting their rows.' },
    ...batchSize,
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
    const held = heldLines(connection.registry, labels, counts);
    const total = counts.reduce((sum, { rows }) => sum + rows, 0);
    const document = (cleared: boolean, tables: readonly ClearedRows[], more: { readonly cancelled?: true } = {}) => ({
      json: { database: alias, target: connection.target, dryRun: args.dryRun, cleared, tables, ...more },
    });
    const place = placeOf(connection);
    const rows = counted(total, 'row');
    const lines = [...counts.map(clearedLine), ...held];
    if (args.dryRun) {
      for (const line of [`This would delete or change ${rows} in ${place}:`, ...lines]) terminal.say(line);
      return document(false, counts);
    }
    const asked = [`This will DELETE OR CHANGE ${rows} in ${place}:`, ...lines];
    const question = { noInput: args.noInput, cancelled: 'Nothing was deleted.', lines: asked };
    if (!(await confirmDestruction(terminal, question))) return document(false, [], { cancelled: true });
    if (args.noInput) for (const line of held) terminal.warn(line.replace('They', 'The rows to delete'));
    const progress = terminal.progress('Deleting rows');
    const onProgress = (rows: number) => progress.update(rows, total);
    const done = await clear(connection, plan, { size, signal, onProgress }).finally(() => progress.stop());
    sayClearedModels(terminal, connection, done);
    return document(true, done);
  },
});
