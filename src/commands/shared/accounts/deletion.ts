import type { AffectedRows, DeletionOptions, DeletionPreview } from '../../../apps/delete-user.js';
import type { FoundApps } from '../../../apps/find.js';
import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { CommandError } from '../../../errors.js';
import { counted } from '../../../text.js';
import { auditOf } from '../actor.js';
import { cascadeRows, lastSuperuser } from '../options.js';
import { findPerson, keyOf, type NamedUser } from './people.js';

/** What becomes of what refers to those who go. */
export const deletionChoices = {
  reassignTo: {
    type: 'string',
    placeholder: 'USER',
    describe: 'Reassign rows and log entries to this user; credentials, groups and permissions are deleted.',
  },
  deleteLog: { type: 'boolean', describe: "Also delete their entries from the admin's log, as Django does." },
  ...cascadeRows,
  ...lastSuperuser,
} as const;

/** Where nobody looks. */
export const noPreview: DeletionPreview = { tables: [], missingIndexes: [] };

interface DeletionArguments {
  readonly reassignTo: string | undefined;
  readonly actor: string | undefined;
  readonly reason: string | undefined;
  readonly deleteLog: boolean;
  readonly cascade: boolean;
  readonly force: boolean;
}

/** What is asked for. @throws CommandError where who is to get the rows, or to be named by the log, is one of those who go. */
export async function deletionOptions(
  context: Context,
  connection: Connection,
  users: readonly NamedUser[],
  args: DeletionArguments,
  found: FoundApps,
): Promise<DeletionOptions> {
  const { reassignTo: heirName, deleteLog, cascade, force } = args;
  const { readReferences } = await import('../../../db/references/graph.js');
  const heir = heirName === undefined ? undefined : keyOf(connection, await findPerson(connection, heirName));
  if (heir !== undefined && users.some(({ pk }) => pk === heir)) {
    throw new CommandError('An account that is deleted cannot take the rows of another.', { code: 'bad_value' });
  }
  const audit = await auditOf(context, connection, 'deleteuser', args);
  if (audit.actor !== undefined && users.some(({ pk }) => String(pk) === String(audit.actor?.pk))) {
    throw new CommandError('The account that the log is to name cannot be deleted by this run.', {
      code: 'bad_actor',
      hint: 'Name another actor.',
    });
  }
  const graph = await readReferences(connection);
  return { ...audit, reassignTo: heir, found, deleteLog, cascade, force, graph };
}

/** What deleting them would do to rows that refer to them. */
export async function previewUsers(
  connection: Connection,
  users: readonly NamedUser[],
  options: DeletionOptions,
): Promise<DeletionPreview> {
  const { previewDeletion } = await import('../../../apps/delete-user.js');
  const keys = users.map(({ pk }) => pk);
  return previewDeletion(connection, keys, options);
}

/** Deletes one after the other, each in a transaction of its own. */
export async function deleteEach(
  { terminal, signal }: Context,
  connection: Connection,
  users: readonly NamedUser[],
  options: DeletionOptions,
): Promise<AffectedRows[]> {
  const { deleteUser } = await import('../../../apps/delete-user.js');
  const progress = terminal.progress('Deleting users');
  const affected: AffectedRows[] = [];
  let deleted = 0;
  try {
    for (const { pk } of users) {
      signal.throwIfAborted();
      affected.push(...(await deleteUser(connection, pk, options)));
      progress.update(++deleted, users.length);
    }
  } catch (error) {
    if (deleted > 0) terminal.warn(`${counted(deleted, 'user')} had been deleted before that.`);
    throw error;
  } finally {
    progress.stop();
  }
  return affected;
}
