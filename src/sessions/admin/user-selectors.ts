import { userModelOf } from '../../auth/accounts/user-model.js';
import { explainUnknownUser, findUser } from '../../auth/accounts/users.js';
import { requireGroup } from '../../auth/permissions/groups.js';
import { findRelation, targetOf } from '../../auth/permissions/links.js';
import type { DbContext } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { readRow, selectColumns, selectRows } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { findField, storedField } from '../../registry/define.js';
import { userIdText } from '../store/users.js';

/** People, as a command line names them. */
export interface UserSelector {
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly staff: boolean;
  readonly superusers: boolean;
}

/**
 * The keys, as sessions have them, of everybody who is named; undefined where nobody is.
 *
 * @throws CommandError for a user or a group that does not exist, and for what the user model does not know.
 */
export async function resolveUserSelector(
  connection: DbContext,
  who: UserSelector,
): Promise<ReadonlySet<string> | undefined> {
  const { users, groups, staff, superusers } = who;
  if (users.length === 0 && groups.length === 0 && !staff && !superusers) return undefined;
  const ids = new Set<string>();
  const add = (pks: readonly Value[]) => {
    for (const pk of pks) ids.add(userIdText(pk));
  };
  for (const username of users) add([await userKey(connection, username)]);
  for (const group of groups) add(await memberKeys(connection, group));
  if (staff) add(await flaggedKeys(connection, { is_staff: true }));
  if (superusers) add(await flaggedKeys(connection, superuserFlags(connection)));
  return ids;
}

async function userKey(connection: DbContext, username: string): Promise<Value> {
  const { model } = userModelOf(connection.registry);
  const row = await findUser(connection, username, { fields: [model.primaryKey.name] });
  const pk = row?.[model.primaryKey.name];
  if (pk === undefined || pk === null) throw await explainUnknownUser(connection, username);
  return pk;
}

/** What tells superusers from the rest: Django's own flag, else what the model says that makes one. */
function superuserFlags({ registry }: DbContext): Readonly<Record<string, Value>> {
  const { model, auth } = userModelOf(registry);
  return findField(model, 'is_superuser') === undefined ? auth.superuserValues : { is_superuser: true };
}

async function flaggedKeys(connection: DbContext, flags: Readonly<Record<string, Value>>): Promise<Value[]> {
  const { model } = userModelOf(connection.registry);
  const missing = Object.keys(flags).find((name) => findField(model, name) === undefined);
  if (missing !== undefined || Object.keys(flags).length === 0) {
    throw new CommandError(`The user model ${model.label} has no field '${missing ?? 'is_superuser'}' to go by.`, {
      code: 'unsupported_user_model',
    });
  }
  const key = model.primaryKey.name;
  const rows = await selectRows(connection, model, flags, { fields: [key] });
  return rows.map((row) => row[key] ?? null);
}

async function memberKeys(connection: DbContext, name: string): Promise<Value[]> {
  const { db, registry, dialect } = connection;
  const { model, auth } = userModelOf(registry);
  if (auth.groups === undefined) {
    throw new CommandError(`The user model ${model.label} has no groups.`, {
      code: 'unsupported_user_model',
    });
  }
  const relation = findRelation(model, auth.groups);
  const target = targetOf(connection, relation);
  const group = await requireGroup(connection, name, target);
  const member = { ...model.primaryKey, name: 'member', column: relation.column };
  const groupKey = storedField(registry, target.primaryKey);
  const rows: Record<string, unknown>[] = await db(relation.table)
    .select(selectColumns(connection, [member]))
    .where(relation.reverseColumn, dialect.bind(db, groupKey, group.pk));
  return rows.map((raw) => readRow(connection, [member], raw).member ?? null);
}
