import { mergeUsers, previewMerge } from '../auth/accounts/merge-users.js';
import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { movedLine, previewLines, quotedNames, shownCollision } from './reports/merge.js';
import { findAccounts, mergeUndoably, undoByFile } from './shared/accounts/merging.js';
import { byOption } from './shared/accounts/people.js';
import { actorOptions } from './shared/actor.js';
import { withKnownApps } from './shared/credentials/known-apps.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Make several accounts one: what refers to the others refers to the first then.',
  positionals: {
    keep: { describe: 'The user who stays.' },
    lose: { variadic: true, describe: 'The users who are merged into that one, and deleted.' },
  },
  options: {
    ...database,
    ...byOption,
    onCollision: {
      type: 'string',
      choices: ['keep', 'newest', 'refuse'],
      default: 'keep',
      describe: 'Which row stays where both have one of which there can be one.',
    },
    undoFile: {
      type: 'string',
      placeholder: 'FILE',
      describe: 'Write what was changed to this new file, readable by its owner alone.',
    },
    undo: { type: 'string', placeholder: 'FILE', describe: 'Undo the merge that has written this file.' },
    ...destructive,
    ...actorOptions,
  },
  examples: [
    ['manage mergeusers ada ada.l --dry-run', 'Show what moves, and which rows collide.'],
    ['manage mergeusers ada ada.l --undo-file ada.json', 'So that it can be undone.'],
    ['manage mergeusers --undo ada.json', 'As it was, row by row.'],
  ],
  async run(context, args) {
    const { terminal } = context;
    if (args.undo !== undefined) {
      if (args.keep !== undefined) throw new UsageError('--undo takes no users: they are in its file.');
      return undoByFile(context, args.undo, args);
    }
    const { keep: keepName, lose: loseNames, dryRun } = args;
    if (keepName === undefined || loseNames.length === 0) {
      throw new UsageError('the following arguments are required: keep, lose');
    }
    const opened = await context.connect(args.database, { writes: true });
    if (!dryRun) assertAllowed(opened, args.allowProtected);
    const { connection } = await withKnownApps(opened);
    const { keep, lose } = await findAccounts(connection, keepName, loseNames, args.by);
    const users = lose.map(({ username }) => username);
    const keys = lose.map(({ pk }) => pk);
    const preview = await previewMerge(connection, keep.pk, keys);
    const collisions = preview.collisions.map(shownCollision);
    const lines = previewLines(preview, collisions);
    const whom = `${quotedNames(users)} into '${keep.username}' in ${placeOf(opened)}`;
    const document = { keep: keep.username, users, dryRun, collisions };
    if (dryRun) {
      await printPreview(terminal, [`This would merge ${whom}:`, ...lines]);
      // Done and rolled back: rows of several may collide with each other.
      const { tryOut } = await import('../db/transactions/dry-run.js');
      const { tables } = await tryOut(connection, { dryRun }, (bound) => mergeUsers(bound, keep.pk, keys));
      return { json: { ...document, merged: false, tables } };
    }
    const question = {
      noInput: args.noInput || !terminal.interactive,
      cancelled: 'Nothing was merged.',
      lines: [`This will MERGE ${whom}:`, ...lines],
    };
    if (!(await confirmDestruction(terminal, question))) {
      return { json: { ...document, merged: false, tables: [], cancelled: true } };
    }
    const tables = await mergeUndoably(context, connection, keep.pk, keys, args);
    terminal.say(`Merged ${whom}:`);
    for (const table of tables) terminal.say(movedLine(table, 'dropped'));
    terminal.note(`Sessions of ${quotedNames(users)} end.`);
    if (args.undoFile !== undefined) {
      const undoing = `\`manage mergeusers --undo ${args.undoFile}\``;
      terminal.note(`Undo it with ${undoing}. The file has hashes of passwords in it.`);
    }
    return { json: { ...document, merged: true, tables, undoFile: args.undoFile ?? null } };
  },
});
