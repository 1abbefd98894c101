import { previewMerge } from '../auth/accounts/merge-users.js';
import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { previewLines, quotedNames, sayMerged, sayUndoable, shownCollision } from './reports/merge.js';
import { findAccounts, mergeOptions, mergeUndoably, tryMerge, undoByFile } from './shared/accounts/merging.js';
import { byOption } from './shared/accounts/people.js';
import { actorOptions } from './shared/actor.js';
import { withKnownApps } from './shared/credentials/known-apps.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Merge accounts into one: rows that refer to the others move to the first.',
  positionals: {
    keep: { describe: 'The user to keep.' },
    lose: { variadic: true, describe: 'The users to merge into that one; they are deleted.' },
  },
  options: {
    ...database,
    ...byOption,
    ...mergeOptions,
    ...destructive,
    ...actorOptions,
  },
  examples: [
    ['manage mergeusers ada ada.l --dry-run', 'Show what moves, and which rows collide.'],
    ['manage mergeusers ada ada.l --undo-file ada.json', 'Merge, and write what undoes it.'],
    ['manage mergeusers --undo ada.json', 'Undo it, row by row.'],
  ],
  async run(context, args) {
    const { terminal } = context;
    if (args.undo !== undefined) return undoByFile(context, args.undo, args);
    const { keep: keepName, lose: loseNames, dryRun } = args;
    if (keepName === undefined || loseNames.length === 0) {
      throw new UsageError(`the following arguments are required: ${keepName === undefined ? 'keep, lose' : 'lose'}`);
    }
    const opened = await context.connect(args.database, { writes: true });
    if (!dryRun) assertAllowed(opened, args.allowProtected);
    const { connection } = await withKnownApps(context, opened);
    const { keep, users, keys } = await findAccounts(connection, keepName, loseNames, args.by);
    const preview = await previewMerge(connection, keep.pk, keys);
    const collisions = preview.collisions.map(shownCollision);
    const lines = previewLines(preview, collisions);
    const whom = `${quotedNames(users)} into '${keep.username}' in ${placeOf(opened)}`;
    const document = { keep: keep.username, users, dryRun, collisions };
    if (dryRun) {
      await printPreview(terminal, [`This would merge ${whom}:`, ...lines]);
      return { json: { ...document, merged: false, tables: await tryMerge(connection, keep.pk, keys, args) } };
    }
    const noInput = args.noInput || !terminal.interactive;
    const question = { noInput, cancelled: 'Nothing was merged.', lines: [`This will MERGE ${whom}:`, ...lines] };
    if (!(await confirmDestruction(terminal, question))) {
      return { json: { ...document, merged: false, tables: [], cancelled: true } };
    }
    const tables = await mergeUndoably(context, connection, keep.pk, keys, args);
    sayMerged(terminal, whom, users, tables);
    if (args.undoFile !== undefined) sayUndoable(terminal, args.undoFile);
    return { json: { ...document, merged: true, tables, undoFile: args.undoFile ?? null } };
  },
});
