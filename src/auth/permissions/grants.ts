import type { Connection, DbContext } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { transaction } from '../../db/transactions/transaction.js';
import { CommandError } from '../../errors.js';
import { storedField } from '../../registry/define.js';
import type { Model } from '../../registry/types.js';
import { findUserByKey, type UserOrKey, userKey } from '../accounts/find-user.js';
import { userModelOf } from '../accounts/user-model.js';
import { groupModel } from './group.js';
import { findGroups, findPermissions } from './groups.js';
import { findRelation, insertLinks, targetOf } from './links.js';

/** Who holds permissions: a user, or the group of this name. */
export type Holder = { readonly user: UserOrKey } | { readonly group: string };

/**
 * Permits a user or a group what these permissions (`app.codename`) name, in one transaction. What they may do already is no
 * error; resolves with the names that are new to them.
 *
 * @throws CommandError of code `permission_not_found`, `user_not_found` and `group_not_found`.
 */
export function grantPermissions(
  connection: Connection,
  holder: Holder,
  permissions: readonly string[],
): Promise<string[]> {
  return transaction(connection, async (bound) => {
    const keys = await findPermissions(bound, permissions);
    return link(bound, await permissionLinks(bound, holder), permissions, keys);
  });
}

/**
 * Takes these permissions from a user or a group, in one transaction; a user may still have them through groups. Resolves
 * with the names that the holder had.
 *
 * @throws CommandError as {@link grantPermissions}.
 */
export function revokePermissions(
  connection: Connection,
  holder: Holder,
  permissions: readonly string[],
): Promise<string[]> {
  return transaction(connection, async (bound) => {
    const keys = await findPermissions(bound, permissions);
    return unlink(bound, await permissionLinks(bound, holder), permissions, keys);
  });
}

/**
 * Puts a user into groups, in one transaction; resolves with the names of those that the user was not in.
 *
 * @throws CommandError of code `group_not_found` and `user_not_found`.
 */
export function addToGroups(connection: Connection, user: UserOrKey, groups: readonly string[]): Promise<string[]> {
  return transaction(connection, async (bound) =>
    link(bound, await membership(bound, user), groups, await findGroups(bound, groups)),
  );
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
): Promise<string[]> {
  return transaction(connection, async (bound) =>
    unlink(bound, await membership(bound, user), groups, await findGroups(bound, groups)),
  );
}

/** The links of one row in one relation. */
interface Owner {
  readonly model: Model;
  readonly pk: Value;
  readonly relation: string;
}

async function permissionLinks(connection: DbContext, holder: Holder): Promise<Owner> {
  if ('user' in holder) return userLinks(connection, holder.user, 'permissions');
  const { model, permissions } = groupModel(connection);
  const [pk = null] = await findGroups(connection, [holder.group]);
  return { model, pk, relation: permissions };
}

const membership = (connection: DbContext, user: UserOrKey) => userLinks(connection, user, 'groups');

async function userLinks(connection: DbContext, user: UserOrKey, kind: 'groups' | 'permissions'): Promise<Owner> {
  const { model, auth } = userModelOf(connection.registry);
  const found = await findUserByKey(connection, userKey(connection, user), { fields: [] });
  if (found === undefined) throw new CommandError('The user does not exist.', { code: 'user_not_found' });
  const relation = auth[kind];
  if (relation !== undefined) return { model, pk: found.pk, relation };
  throw new CommandError(`The user model ${model.label} has no ${kind}.`, { code: 'no_such_relation' });
}

async function link(
  connection: DbContext,
  owner: Owner,
  names: readonly string[],
  keys: readonly Value[],
): Promise<string[]> {
  const there = await linked(connection, owner, keys);
  await insertLinks(connection, owner.model, owner.pk, {
    [owner.relation]: keys.filter((key) => !there.has(String(key))),
  });
  return [...new Set(names.filter((_, at) => !there.has(String(keys[at]))))];
}

async function unlink(
  connection: DbContext,
  owner: Owner,
  names: readonly string[],
  keys: readonly Value[],
): Promise<string[]> {
  const there = await linked(connection, owner, keys);
  if (there.size > 0) await links(connection, owner, keys).del();
  return [...new Set(names.filter((_, at) => there.has(String(keys[at]))))];
}

/** Which of these keys the owner is linked to, as texts. */
async function linked(connection: DbContext, owner: Owner, keys: readonly Value[]): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const { db, dialect, registry } = connection;
  const relation = findRelation(owner.model, owner.relation);
  const other = storedField(registry, targetOf(connection, relation).primaryKey);
  const rows: Record<string, unknown>[] = await links(connection, owner, keys).select(
    dialect.selectColumn(db, other, relation.reverseColumn),
  );
  return new Set(rows.map((row) => String(dialect.read(other, row[relation.reverseColumn]))));
}

/** The rows of the join table that link the owner to these keys. */
function links(connection: DbContext, { model, pk, relation: name }: Owner, keys: readonly Value[]) {
  const { db, dialect, registry } = connection;
  const relation = findRelation(model, name);
  const own = storedField(registry, model.primaryKey);
  const other = storedField(registry, targetOf(connection, relation).primaryKey);
  return db(relation.table)
    .where(relation.column, dialect.bind(db, own, pk))
    .whereIn(
      relation.reverseColumn,
      keys.map((key) => dialect.bind(db, other, key)),
    );
}
