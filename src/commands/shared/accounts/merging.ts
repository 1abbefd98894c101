import { mergeRecordText, mergeUsers, parseMergeRecord, undoMerge } from '../../../auth/accounts/merge-users.js';
import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import type { Value } from '../../../db/dialect/dialect.js';
import type { CollisionRule } from '../../../db/references/move.js';
import { CommandError, UsageError } from '../../../errors.js';
import { counted } from '../../../text.js';
import { quotedNames } from '../../reports/merge.js';
import { auditOf } from '../actor.js';
import { withKnownApps } from '../credentials/known-apps.js';
import { assertAllowed } from '../destructive.js';
import { findPerson, keyOf, nameOf } from './people.js';
import { createUndoFile, readUndoFile } from './undo-file.js';

/** How accounts are merged, and how that is undone. */
export const mergeOptions = {
  onCollision: {
    type: 'string',
    choices: ['keep', 'newest', 'refuse'],
    default: 'keep',
    describe: 'Which row to keep where only one of two can exist.',
  },
  undoFile: {
    type: 'string',
    placeholder: 'FILE',
    describe: 'Write an undo record to this new file, readable by its owner alone.',
  },
  undo: { type: 'string', placeholder: 'FILE', describe: 'Undo the merge recorded in this file.' },
} as const;

/** @throws UsageError where an account would be merged into itself. */
export async function findAccounts(connection: Connection, keepName: string, loseNames: readonly string[], by: string) {
  const person = async (name: string) => {
    const row = await findPerson(connection, name, by);
    return { pk: keyOf(connection, row), username: nameOf(connection, row) };
  };
  const keep = await person(keepName);
  const lose = [];
  for (const name of new Set(loseNames)) lose.push(await person(name));
  if (lose.some(({ pk }) => String(pk) === String(keep.pk))) {
    throw new UsageError('An account cannot be merged into itself.');
  }
  return { keep, users: lose.map(({ username }) => username), keys: lose.map(({ pk }) => pk) };
}

interface MergeArguments {
  readonly actor: string | undefined;
  readonly undoFile: string | undefined;
  readonly onCollision: string;
}

/** What a merge would do, by doing it and rolling it back: rows of several accounts may collide with each other. */
export async function tryMerge(connection: Connection, keep: Value, lose: readonly Value[], args: MergeArguments) {
  const { tryOut } = await import('../../../db/transactions/dry-run.js');
  const options = { onCollision: args.onCollision as CollisionRule };
  const { tables } = await tryOut(connection, { dryRun: true }, (bound) => mergeUsers(bound, keep, lose, options));
  return tables;
}

/** Merges in one transaction, with how to undo it on the disk before that is committed. */
export async function mergeUndoably(
  context: Context,
  connection: Connection,
  keep: Value,
  lose: readonly Value[],
  args: MergeArguments,
) {
  const audit = await auditOf(context, connection, 'mergeusers', args);
  const options = { ...audit, onCollision: args.onCollision as CollisionRule };
  // It is there before anything is changed: a merge that cannot be undone is not begun.
  const file = args.undoFile === undefined ? undefined : await createUndoFile(context, args.undoFile);
  const { repeatableTransaction } = await import('../../../db/transactions/transaction.js');
  try {
    return await repeatableTransaction(connection, async (bound) => {
      const { record, tables } = await mergeUsers(bound, keep, lose, options);
      await file?.write(mergeRecordText(record));
      return tables;
    });
  } catch (error) {
    // The merge may have been committed when the connection was lost, and could not be undone without its file.
    if (!(error instanceof CommandError && error.code === 'connection_lost')) await file?.discard();
    throw error;
  } finally {
    await file?.close();
  }
}

interface UndoArguments {
  readonly keep: string | undefined;
  readonly undoFile: string | undefined;
  readonly dryRun: boolean;
  readonly database: string;
  readonly actor: string | undefined;
  readonly allowProtected: readonly string[];
}

/** Undoes the merge that has written this file; on a dry run that is rolled back. */
export async function undoByFile(context: Context, file: string, args: UndoArguments) {
  if (args.keep !== undefined) throw new UsageError('--undo takes no users: they are in its file.');
  if (args.undoFile !== undefined) throw new UsageError('--undo-file is for a merge, and --undo undoes one.');
  const record = parseMergeRecord(await readUndoFile(context, file));
  const { dryRun } = args;
  const opened = await context.connect(args.database, { writes: true });
  if (!dryRun) assertAllowed(opened, args.allowProtected);
  const { connection } = await withKnownApps(context, opened);
  const audit = await auditOf(context, connection, 'mergeusers', args);
  const { tryOut } = await import('../../../db/transactions/dry-run.js');
  const rows = await tryOut(connection, { dryRun }, (bound) => undoMerge(bound, record, audit));
  const users = record.merged.map(({ username }) => username);
  const keep = record.keep.username;
  const begin = dryRun ? 'This would undo' : 'Undid';
  context.terminal.say(`${begin} the merge of ${quotedNames(users)} into '${keep}': ${counted(rows, 'row')}.`);
  return { json: { undone: !dryRun, keep, users, rows } };
}
