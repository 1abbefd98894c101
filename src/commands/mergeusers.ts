import { open, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  mergeRecordText,
  mergeUsers,
  parseMergeRecord,
  previewMerge,
  undoMerge,
} from '../auth/accounts/merge-users.js';
import { type Context, defineCommand } from '../command.js';
import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import type { Collision, CollisionRule } from '../db/references/move.js';
import { CommandError, UsageError } from '../errors.js';
import { counted } from '../text.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { withKnownApps } from './shared/apps.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database } from './shared/options.js';
import { byOption, findPerson, keyOf, nameOf } from './shared/people.js';
import { withRemedies } from './shared/remedies.js';

const unreadable = (file: string, verb: string, cause: unknown) => {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  return new CommandError(`The file '${file}' cannot be ${verb} (${reason}).`, { code: 'file_unusable' });
};

/** Rows that collide, by their keys: what they hold may be secret. */
const shown = ({ table, columns, from, to }: Collision) => ({
  table,
  columns,
  lose: Object.values(from)[0] ?? null,
  keep: Object.values(to)[0] ?? null,
});

/** What a merge would do, done and rolled back: rows of several may collide with each other. */
async function rehearse(connection: Connection, keep: Value, lose: readonly Value[]) {
  const { transaction } = await import('../db/transactions/transaction.js');
  const undone = new Error('dry run');
  let tables: Awaited<ReturnType<typeof mergeUsers>>['tables'] = [];
  await transaction(connection, async (bound) => {
    tables = (await mergeUsers(bound, keep, lose)).tables;
    throw undone;
  }).catch((error: unknown) => {
    if (error !== undone) throw error;
  });
  return tables;
}

async function undo(
  context: Context,
  file: string,
  args: { readonly database: string; readonly actor: string | undefined; readonly allowProtected: readonly string[] },
) {
  const text = await readFile(resolve(context.cwd(), file), 'utf8').catch((cause: unknown) => {
    throw unreadable(file, 'read', cause);
  });
  const record = parseMergeRecord(text);
  const opened = await context.connect(args.database, { writes: true });
  assertAllowed(opened, args.allowProtected);
  const { connection } = await withKnownApps(opened);
  const audit = await auditOf(context, connection, 'mergeusers', args);
  const rows = await undoMerge(connection, record, audit);
  const names = record.merged.map(({ username }) => username);
  context.terminal.say(
    `Undid the merge of ${names.map((name) => `'${name}'`).join(', ')} into '${record.keep.username}': ${counted(rows, 'row')}.`,
  );
  return { json: { undone: true, keep: record.keep.username, users: names, rows } };
}

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
      return undo(context, args.undo, args);
    }
    if (args.keep === undefined || args.lose.length === 0) {
      throw new UsageError('the following arguments are required: keep, lose');
    }
    const opened = await context.connect(args.database, { writes: true });
    if (!args.dryRun) assertAllowed(opened, args.allowProtected);
    const { connection } = await withKnownApps(opened);
    const person = async (name: string) => {
      const row = await findPerson(connection, name, args.by);
      return { pk: keyOf(connection, row), username: nameOf(connection, row) };
    };
    const keep = await person(args.keep);
    const lose = [];
    for (const name of new Set(args.lose)) lose.push(await person(name));
    if (lose.some(({ pk }) => String(pk) === String(keep.pk)))
      throw new UsageError('An account cannot be merged into itself.');
    const asks = !args.noInput && terminal.interactive;
    const keys = lose.map(({ pk }) => pk);
    const preview = await previewMerge(connection, keep.pk, keys);
    const collisions = preview.collisions.map(shown);
    const whom = `${lose.map(({ username }) => `'${username}'`).join(', ')} into '${keep.username}' in ${placeOf(opened)}`;
    const lines = [
      ...preview.tables.map(
        ({ table, column, rows, dropped }) =>
          `    ${table}.${column}  ${counted(rows, 'row')} moved${dropped > 0 ? `, ${dropped} collide` : ''}`,
      ),
      ...collisions
        .slice(0, 50)
        .map(
          (each) => `    Both have a row in ${each.table} (${each.columns.join(', ')}): ${each.keep} and ${each.lose}.`,
        ),
    ];
    const document = {
      keep: keep.username,
      users: lose.map(({ username }) => username),
      dryRun: args.dryRun,
      collisions,
    };
    if (args.dryRun) {
      await printPreview(terminal, [`This would merge ${whom}:`, ...lines]);
      return { json: { ...document, merged: false, tables: await rehearse(connection, keep.pk, keys) } };
    }
    if (asks) {
      const question = {
        noInput: false,
        cancelled: 'Nothing was merged.',
        lines: [`This will MERGE ${whom}:`, ...lines],
      };
      if (!(await confirmDestruction(terminal, question)))
        return { json: { ...document, merged: false, tables: [], cancelled: true } };
    }
    const audit = await auditOf(context, connection, 'mergeusers', args);
    // It is there before anything is changed: a merge that cannot be undone is not begun.
    const file =
      args.undoFile === undefined
        ? undefined
        : await open(resolve(context.cwd(), args.undoFile), 'wx', 0o600).catch((cause: unknown) => {
            throw unreadable(args.undoFile ?? '', 'made', cause);
          });
    const { transaction } = await import('../db/transactions/transaction.js');
    try {
      const tables = await withRemedies(
        { collisions: 'Use --on-collision keep or newest, or settle it by hand.' },
        () =>
          transaction(connection, async (bound) => {
            const done = await mergeUsers(bound, keep.pk, keys, {
              ...audit,
              onCollision: args.onCollision as CollisionRule,
            });
            await file?.writeFile(mergeRecordText(done.record));
            await file?.sync();
            return done.tables;
          }),
      );
      terminal.say(`Merged ${whom}:`);
      for (const { table, column, rows, dropped } of tables) {
        terminal.say(
          `    ${table}.${column}  ${counted(rows, 'row')} moved${dropped > 0 ? `, ${dropped} dropped` : ''}`,
        );
      }
      terminal.note(`Sessions of ${lose.map(({ username }) => `'${username}'`).join(', ')} end.`);
      if (args.undoFile !== undefined)
        terminal.note(
          `Undo it with \`manage mergeusers --undo ${args.undoFile}\`. The file has hashes of passwords in it.`,
        );
      return { json: { ...document, merged: true, tables, undoFile: args.undoFile ?? null } };
    } catch (error) {
      if (args.undoFile !== undefined)
        await import('node:fs/promises').then(({ rm }) =>
          rm(resolve(context.cwd(), args.undoFile ?? ''), { force: true }),
        );
      throw error;
    } finally {
      await file?.close();
    }
  },
});
