import type { AuditOptions } from '../../audit/write.js';
import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { repeatableTransaction } from '../../db/transactions/transaction.js';
import { readRow, selectColumns } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { userModelOf } from '../accounts/user-model.js';
import { explainUnknownUser, findUser } from '../accounts/users.js';
import type { AccessFile, AccessGroup } from './access-file.js';
import { likelyPermission, type Permission, readPermissions, requireModel } from './catalogue.js';
import { type Group, requireGroup } from './groups.js';
import { findRelation } from './links.js';
import { changeMembers, changePermissions, createGroup, deleteGroup, renameGroup } from './manage-groups.js';

/** One difference between a file and a database. */
export type AccessChange =
  | { readonly action: 'create' | 'delete'; readonly group: string }
  | { readonly action: 'rename'; readonly group: string; readonly was: string }
  | { readonly action: 'grant' | 'revoke'; readonly group: string; readonly permission: string }
  | { readonly action: 'add' | 'remove'; readonly group: string; readonly user: string };

export const naturalName = ({ app, model, codename }: Permission): string => `${app}.${model}.${codename}`;

interface KnownGroup extends Group {
  readonly permissions: ReadonlySet<string>;
}

async function readGroups(connection: Connection, permissions: readonly Permission[]): Promise<KnownGroup[]> {
  const { db } = connection;
  const model = requireModel(connection, 'auth.group');
  const relation = findRelation(model, 'permissions');
  const names = new Map(permissions.map((each) => [String(each.pk), naturalName(each)]));
  const links: Record<string, unknown>[] = await db(relation.table).select(relation.column, relation.reverseColumn);
  const rows: Record<string, unknown>[] = await db(model.table).select(selectColumns(connection, model.fields));
  const held = new Map<string, Set<string>>();
  for (const link of links) {
    const name = names.get(String(link[relation.reverseColumn]));
    const key = String(link[relation.column]);
    if (name !== undefined) held.set(key, (held.get(key) ?? new Set()).add(name));
  }
  return rows
    .map((raw) => {
      const row = readRow(connection, model.fields, raw);
      const pk = row[model.primaryKey.name] ?? null;
      return { pk, name: String(row.name), permissions: held.get(String(pk)) ?? new Set<string>() };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Names of the members of a group, in order. */
async function memberNames(connection: Connection, group: Group): Promise<string[]> {
  const { db, dialect, registry } = connection;
  const { model, auth, username } = userModelOf(registry);
  if (auth.groups === undefined) return [];
  const relation = findRelation(model, auth.groups);
  const own = requireModel(connection, 'auth.group').primaryKey;
  const members = db(relation.table)
    .select(relation.column)
    .where(relation.reverseColumn, dialect.bind(db, own, group.pk));
  const rows: Record<string, unknown>[] = await db(model.table)
    .select(selectColumns(connection, [username]))
    .whereIn(model.primaryKey.column, members);
  return rows.map((raw) => String(readRow(connection, [username], raw)[username.name])).sort();
}

/** Groups and their permissions, sorted, with natural names; on request with their members. */
export async function dumpAccess(
  connection: Connection,
  { members = false }: { readonly members?: boolean } = {},
): Promise<AccessFile> {
  const groups: AccessGroup[] = [];
  for (const group of await readGroups(connection, await readPermissions(connection))) {
    const permissions = [...group.permissions].sort();
    const names = members ? { members: await memberNames(connection, group) } : {};
    groups.push({ name: group.name, permissions, ...names });
  }
  return { groups };
}

/** Natural names of the permissions that a file names, `app.codename` among them. */
function resolve(permissions: readonly Permission[], name: string): string {
  const found = permissions.filter((each) => naturalName(each) === name || each.label === name);
  const [only] = found;
  if (only !== undefined && found.length === 1) return naturalName(only);
  throw new CommandError(`There is no permission '${name}'.`, {
    code: 'permission_not_found',
    hint: likelyPermission(name, permissions.map(naturalName)) ?? 'Permissions are named app.model.codename.',
  });
}

/**
 * What would have to be done to make a database what a file says. Permissions, members and groups that only the database has
 * are among it.
 *
 * @throws CommandError for permissions and users that do not exist.
 */
export async function planAccess(connection: Connection, file: AccessFile): Promise<AccessChange[]> {
  const permissions = await readPermissions(connection);
  const known = await readGroups(connection, permissions);
  const changes: AccessChange[] = [];
  const seen = new Set<string>();
  for (const wanted of file.groups) {
    const { name: group, was } = wanted;
    const names = new Set(wanted.permissions.map((name) => resolve(permissions, name)));
    const same = known.find(({ name }) => name === group);
    const former = same === undefined && was !== undefined ? known.find(({ name }) => name === was) : undefined;
    const existing = same ?? former;
    if (former !== undefined) changes.push({ action: 'rename', group, was: former.name });
    else if (existing === undefined) changes.push({ action: 'create', group });
    if (existing !== undefined) seen.add(existing.name);
    const has = existing?.permissions ?? new Set<string>();
    for (const permission of [...names].sort())
      if (!has.has(permission)) changes.push({ action: 'grant', group, permission });
    for (const permission of [...has].sort())
      if (!names.has(permission)) changes.push({ action: 'revoke', group, permission });
    if (wanted.members === undefined) continue;
    const members = new Set(existing === undefined ? [] : await memberNames(connection, existing));
    for (const user of [...new Set(wanted.members)].sort()) {
      if (members.has(user)) continue;
      if ((await findUser(connection, user)) === undefined) throw await explainUnknownUser(connection, user);
      changes.push({ action: 'add', group, user });
    }
    for (const user of members) if (!wanted.members.includes(user)) changes.push({ action: 'remove', group, user });
  }
  for (const { name } of known) if (!seen.has(name)) changes.push({ action: 'delete', group: name });
  return changes;
}

/** Whether a change takes something away that the file does not name. */
export const isRemoval = ({ action }: AccessChange): boolean =>
  action === 'revoke' || action === 'remove' || action === 'delete';

/**
 * Makes a database what a file says, in one transaction; resolves with what was done. What only the database has stays,
 * unless `prune` is set.
 */
export async function applyAccess(
  connection: Connection,
  file: AccessFile,
  { prune = false, ...audit }: AuditOptions & { readonly prune?: boolean } = {},
): Promise<AccessChange[]> {
  return repeatableTransaction(connection, async (bound) => {
    const changes = (await planAccess(bound, file)).filter((change) => prune || !isRemoval(change));
    const keys = new Map((await readPermissions(bound)).map((each) => [naturalName(each), each.pk]));
    for (const change of changes) {
      if (change.action === 'create') await createGroup(bound, change.group, audit);
      if (change.action === 'rename')
        await renameGroup(bound, await requireGroup(bound, change.was), change.group, audit);
    }
    const names = new Set(changes.map(({ group }) => group));
    for (const name of names) {
      const own = changes.filter(({ group }) => group === name);
      if (own.some(({ action }) => action === 'delete')) {
        await deleteGroup(bound, await requireGroup(bound, name), audit);
        continue;
      }
      const group = await requireGroup(bound, name);
      const holder = { kind: 'group', ...group } as const;
      for (const verb of ['grant', 'revoke'] as const) {
        const permissions = own.flatMap((change): Value[] =>
          change.action === verb ? [keys.get(change.permission) ?? null] : [],
        );
        if (permissions.length > 0) await changePermissions(bound, [holder], permissions, verb, audit);
      }
      for (const verb of ['add', 'remove'] as const) {
        const users: Group[] = [];
        for (const change of own) {
          if (change.action !== verb) continue;
          const row = await findUser(bound, change.user);
          if (row === undefined) throw await explainUnknownUser(bound, change.user);
          users.push({ pk: row[bound.registry.userModel.primaryKey.name] ?? null, name: change.user });
        }
        if (users.length > 0) await changeMembers(bound, group, users, verb, audit);
      }
    }
    return changes;
  });
}

/** A change as a line of a diff. */
export function changeLine(change: AccessChange): string {
  switch (change.action) {
    case 'create':
      return `+ group ${change.group}`;
    case 'delete':
      return `- group ${change.group}`;
    case 'rename':
      return `~ group ${change.was} -> ${change.group}`;
    case 'grant':
      return `+ ${change.group}: ${change.permission}`;
    case 'revoke':
      return `- ${change.group}: ${change.permission}`;
    case 'add':
      return `+ ${change.group}: member ${change.user}`;
    case 'remove':
      return `- ${change.group}: member ${change.user}`;
  }
}
