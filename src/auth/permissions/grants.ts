import type { AuditOptions } from '../../audit/write.js';
import type { Connection, DbContext } from '../../db/connect/connection.js';
import { repeatableTransaction } from '../../db/transactions/transaction.js';
import { CommandError } from '../../errors.js';
import { findUserByKey, type UserOrKey, userKey } from '../accounts/find-user.js';
import { userModelOf } from '../accounts/user-model.js';
import { findPermissions, type Group, requireGroup } from './groups.js';
import { changeMembers, changePermissions, type Holder } from './manage-groups.js';

/** Who has permissions, or is to have some: a user, or the group of this name. */
export type PermissionHolder = { readonly user: UserOrKey } | { readonly group: string };

/**
 * Permits a user or a group what these permissions (`app.codename`) name, in one transaction. What they may do already is no
 * error; resolves with the names that are new to them.
 *
 * @throws CommandError of code `permission_not_found`, `user_not_found` and `group_not_found`.
 */
export function grantPermissions(
  connection: Connection,
  holder: PermissionHolder,
  permissions: readonly string[],
  audit: AuditOptions = {},
): Promise<string[]> {
  return change(connection, holder, permissions, 'grant', audit);
}

/**
 * Takes these permissions from a user or a group, in one transaction; a user may still have them through groups. Resolves
 * with the names that the holder had.
 *
 * @throws CommandError as {@link grantPermissions}.
 */
export function revokePermissions(
  connection: Connection,
  holder: PermissionHolder,
  permissions: readonly string[],
  audit: AuditOptions = {},
): Promise<string[]> {
  return change(connection, holder, permissions, 'revoke', audit);
}

/**
 * Puts a user into groups, in one transaction; resolves with the names of those that the user was not in.
 *
 * @throws CommandError of code `group_not_found` and `user_not_found`.
 */
export function addToGroups(
  connection: Connection,
  user: UserOrKey,
  groups: readonly string[],
  audit: AuditOptions = {},
): Promise<string[]> {
  return move(connection, user, groups, 'add', audit);
}

/**
 * Takes a user out of groups, in one transaction; resolves with the names of those that the user was in.
 *
 * @throws CommandError as {@link addToGroups}.
 */
export function removeFromGroups(
  connection: Connection,
  user: UserOrKey,
  groups: readonly string[],
  audit: AuditOptions = {},
): Promise<string[]> {
  return move(connection, user, groups, 'remove', audit);
}

function change(
  connection: Connection,
  holder: PermissionHolder,
  permissions: readonly string[],
  verb: 'grant' | 'revoke',
  audit: AuditOptions,
): Promise<string[]> {
  return repeatableTransaction(connection, async (bound) => {
    const names = [...new Set(permissions)];
    const keys = await findPermissions(bound, names);
    const found = await holderOf(bound, holder);
    const [changed] = await changePermissions(bound, [found], keys, verb, audit);
    return names.filter((_, at) => changed?.permissions.includes(keys[at] ?? null));
  });
}

function move(
  connection: Connection,
  user: UserOrKey,
  groups: readonly string[],
  verb: 'add' | 'remove',
  audit: AuditOptions,
): Promise<string[]> {
  return repeatableTransaction(connection, async (bound) => {
    const found = await userOf(bound, user);
    const changed: string[] = [];
    for (const name of new Set(groups)) {
      const group = await requireGroup(bound, name);
      if ((await changeMembers(bound, group, [found], verb, audit)).length > 0) changed.push(name);
    }
    return changed;
  });
}

async function holderOf(connection: Connection, holder: PermissionHolder): Promise<Holder> {
  if ('user' in holder) return { kind: 'user', ...(await userOf(connection, holder.user)) };
  return { kind: 'group', ...(await requireGroup(connection, holder.group)) };
}

/** A user by what the log calls it. */
async function userOf(connection: DbContext, user: UserOrKey): Promise<Group> {
  const { username } = userModelOf(connection.registry);
  const found = await findUserByKey(connection, userKey(connection, user), { fields: [username.name] });
  if (found === undefined) throw new CommandError('The user does not exist.', { code: 'user_not_found' });
  return { pk: found.pk, name: String(found[username.name]) };
}
