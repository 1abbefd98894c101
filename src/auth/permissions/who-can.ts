import type { Knex } from 'knex';
import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { findField, storedField } from '../../registry/define.js';
import { userModelOf } from '../accounts/user-model.js';
import { type AccessUser, type Reason, readAccess } from './access.js';
import { type Permission, requireModel } from './catalogue.js';
import { findRelation } from './links.js';

/** Somebody who may, and why. */
export interface WhoCan extends AccessUser {
  readonly permission: string;
  readonly reasons: readonly Reason[];
}

type Narrow = (query: Knex.QueryBuilder) => Knex.QueryBuilder;

/**
 * Narrows to users who may have one of the permissions: superusers, those who have it themselves or through a group, and with
 * object permissions those too.
 */
function holders(connection: Connection, permissions: readonly Permission[], tables: ReadonlySet<string>) {
  const { db, dialect, registry } = connection;
  const { model, auth } = userModelOf(registry);
  const permissionKey = storedField(registry, requireModel(connection, 'auth.permission').primaryKey);
  const keys = permissions.map(({ pk }) => dialect.bind(db, permissionKey, pk));
  const group = requireModel(connection, 'auth.group');
  const ofGroup = findRelation(group, 'permissions');
  const own = `${model.table}.${model.primaryKey.column}`;
  const flags: readonly (readonly [string, string | number | boolean])[] =
    findField(model, 'is_superuser') === undefined ? Object.entries(auth.superuserValues) : [['is_superuser', true]];
  return (query: ReturnType<Connection['db']['queryBuilder']>): void => {
    if (auth.activeField !== undefined) {
      const field = findField(model, auth.activeField);
      if (field !== undefined) query.where(`${model.table}.${field.column}`, dialect.bind(db, field, true));
    }
    query.where((either) => {
      if (flags.length > 0) {
        either.orWhere((all) => {
          for (const [name, value] of flags) {
            const field = findField(model, name);
            if (field !== undefined) all.where(`${model.table}.${field.column}`, dialect.bind(db, field, value));
          }
        });
      }
      // Asked of each user: a list of all holders would be made anew for each page.
      const holds = (table: string, user: string, narrow: Narrow) =>
        either.orWhereExists((query) => void narrow(query.from(table).where(`${table}.${user}`, db.ref(own))));
      if (auth.permissions !== undefined) {
        const { table, column, reverseColumn } = findRelation(model, auth.permissions);
        holds(table, column, (query) => query.whereIn(reverseColumn, keys));
      }
      if (auth.groups !== undefined) {
        const { table, column, reverseColumn } = findRelation(model, auth.groups);
        const ofGroups = (groups: Knex.QueryBuilder) =>
          holds(table, column, (query) => query.whereIn(`${table}.${reverseColumn}`, groups));
        ofGroups(db(ofGroup.table).select(ofGroup.column).whereIn(ofGroup.reverseColumn, keys));
        if (tables.has('guardian_groupobjectpermission'))
          ofGroups(db('guardian_groupobjectpermission').select('group_id').whereIn('permission_id', keys));
      }
      if (tables.has('guardian_userobjectpermission'))
        holds('guardian_userobjectpermission', 'user_id', (query) => query.whereIn('permission_id', keys));
    });
  };
}

/**
 * Active users who may do one of these things, and why, page by page. Permissions on single objects count where `object`
 * (`app.model:pk`) is one of them, or where `anyObject` is set.
 */
export async function* whoCan(
  connection: Connection,
  permissions: readonly Permission[],
  {
    object,
    anyObject = false,
    signal,
  }: { readonly object?: string | undefined; readonly anyObject?: boolean; readonly signal?: AbortSignal } = {},
): AsyncGenerator<WhoCan[]> {
  const tables = new Set(await connection.dialect.tableNames(connection.db));
  const wanted = new Set(permissions.map(({ label }) => label));
  const counts = (reason: Reason) =>
    reason.reason !== 'object' ||
    anyObject ||
    (object !== undefined && reason.object.toLowerCase() === object.toLowerCase());
  const options = signal === undefined ? {} : { signal };
  for await (const page of readAccess(connection, { narrow: holders(connection, permissions, tables) }, options)) {
    const found: WhoCan[] = [];
    for (const { permissions: held, ...user } of page) {
      for (const { name, reasons } of held) {
        const good = wanted.has(name) ? reasons.filter(counts) : [];
        if (good.length > 0) found.push({ ...user, permission: name, reasons: good });
      }
    }
    yield found;
  }
}

/** Members who have permissions through this group alone: what they would not have any more without it. */
export async function whoLoses(
  connection: Connection,
  group: { readonly pk: Value; readonly name: string },
): Promise<{ readonly username: string; readonly permissions: string[] }[]> {
  const { db, dialect, registry } = connection;
  const { model, auth } = userModelOf(registry);
  if (auth.groups === undefined) return [];
  const relation = findRelation(model, auth.groups);
  const key = dialect.bind(db, storedField(registry, requireModel(connection, 'auth.group').primaryKey), group.pk);
  const narrow = (query: ReturnType<Connection['db']['queryBuilder']>): void => {
    const members = db(relation.table).select(relation.column).where(relation.reverseColumn, key);
    query.whereIn(`${model.table}.${model.primaryKey.column}`, members);
  };
  const isThis = (reason: Reason) =>
    (reason.reason === 'group' || reason.reason === 'object') && reason.group === group.name;
  const found: { username: string; permissions: string[] }[] = [];
  for await (const page of readAccess(connection, { narrow })) {
    for (const { username, permissions } of page) {
      const lost = permissions.filter(({ reasons }) => reasons.every(isThis)).map(({ name }) => name);
      if (lost.length > 0) found.push({ username, permissions: lost });
    }
  }
  return found;
}

/** What a reason is called: `group editors`, `object blog.post:5`. */
export function reasonText(reason: Reason): string {
  if (reason.reason === 'group') return `group ${reason.group}`;
  if (reason.reason !== 'object') return reason.reason;
  return `object ${reason.object}${reason.group === undefined ? '' : ` through group ${reason.group}`}`;
}
