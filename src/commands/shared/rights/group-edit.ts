import type { GroupEdit } from '../../../auth/permissions/edit-group.js';
import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { UsageError } from '../../../errors.js';
import { findPeople } from '../accounts/people.js';
import { permissionHint } from './groups.js';

/** What may be changed of a group. */
export const groupEdits = {
  rename: { type: 'string', placeholder: 'NAME', describe: 'Give the group this name.' },
  addPermission: { type: 'list', placeholder: 'PERM', describe: `Give it this permission: ${permissionHint}` },
  removePermission: { type: 'list', placeholder: 'PERM', describe: 'Revoke this permission from it.' },
  addUser: { type: 'list', placeholder: 'USER', describe: 'Add this user; - reads names from standard input.' },
  removeUser: { type: 'list', placeholder: 'USER', describe: 'Remove this user.' },
} as const;

/** What the options above are given as. */
export interface GroupEditArguments {
  readonly rename: string | undefined;
  readonly addPermission: readonly string[];
  readonly removePermission: readonly string[];
  readonly addUser: readonly string[];
  readonly removeUser: readonly string[];
}

/** @throws UsageError where nothing is to be changed. */
export function assertEdits({ rename, ...lists }: GroupEditArguments): void {
  const { addPermission, removePermission, addUser, removeUser } = lists;
  const given = [addPermission, removePermission, addUser, removeUser].some(({ length }) => length > 0);
  if (rename !== undefined || given) return;
  throw new UsageError('Nothing to change was given.', { hint: 'Give a name, a permission or a user.' });
}

/** What the options come to, with the users that they name. @throws CommandError for one who does not exist. */
export async function gatherGroupEdit(
  context: Context,
  connection: Connection,
  { rename, addPermission, removePermission, addUser, removeUser }: GroupEditArguments,
): Promise<GroupEdit> {
  return {
    rename,
    grant: addPermission,
    revoke: removePermission,
    add: (await findPeople(context, connection, addUser)).map(({ pk, username }) => ({ pk, name: username })),
    remove: (await findPeople(context, connection, removeUser)).map(({ pk, username }) => ({ pk, name: username })),
  };
}
