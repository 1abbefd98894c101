import type { DbContext } from '../../db/connect/connection.js';
import { findUserByKey, type UserOrKey, userKey } from '../accounts/find-user.js';
import { userModelOf } from '../accounts/user-model.js';
import { groupPermissionNames, userPermissionNames } from './names.js';

/**
 * Names (`app.codename`) of all that a user may do: the user's own permissions and those of groups, and all that there are for
 * a superuser. None for a user who is not active, or does not exist (Django 5.2 contrib/auth/backends.py, ModelBackend).
 */
export async function permissionsOf(connection: DbContext, user: UserOrKey): Promise<Set<string>> {
  const holder = await holderOf(connection, user);
  if (holder === undefined) return new Set();
  const own = await userPermissionNames(connection, holder);
  return new Set(holder.isSuperuser ? own : [...own, ...(await groupPermissionNames(connection, holder))]);
}

/**
 * Whether a user may do what the permission `app.codename` names. An active superuser may do everything, also what no
 * permission is called by (Django 5.2 contrib/auth/models.py, has_perm).
 */
export async function hasPerm(connection: DbContext, user: UserOrKey, permission: string): Promise<boolean> {
  const holder = await holderOf(connection, user);
  if (holder === undefined) return false;
  if (holder.isSuperuser) return true;
  if (!/^[^.\0]+\.[^\0]+$/.test(permission)) return false;
  // A database may compare them without regard to case.
  if ((await userPermissionNames(connection, holder, permission)).includes(permission)) return true;
  return (await groupPermissionNames(connection, holder, permission)).includes(permission);
}

/** Whose rights are asked for; undefined for who has none. */
async function holderOf(connection: DbContext, user: UserOrKey) {
  const { model, auth } = userModelOf(connection.registry);
  // Django's own flag, by whose name `has_perm` asks for it.
  const flag = model.fields.find(({ name, type }) => name === 'is_superuser' && type === 'BooleanField');
  const fields = [auth.activeField, flag?.name].filter((name) => name !== undefined);
  const row = await findUserByKey(connection, userKey(connection, user), { fields });
  if (row === undefined || (auth.activeField !== undefined && row[auth.activeField] !== true)) return undefined;
  return { pk: row.pk, isSuperuser: flag !== undefined && row[flag.name] === true };
}
