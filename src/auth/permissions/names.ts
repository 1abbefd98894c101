import type { Knex } from 'knex';
import type { DbContext } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { findField, findModel, storedField } from '../../registry/define.js';
import type { ManyToMany, Model } from '../../registry/types.js';
import { userModelOf } from '../accounts/user-model.js';

/** Whose rights are asked for. */
interface Holder {
  readonly pk: Value;
  readonly isSuperuser: boolean;
}

/** Names (`app.codename`) of the rights that a user has directly; all that there are for a superuser. `only` asks for one. */
export async function userPermissionNames(connection: DbContext, user: Holder, only?: string): Promise<string[]> {
  return permissionNames(connection, user, only, (query, permission, model) => {
    const relation = relationOf(model, model.auth?.permissions);
    if (relation === undefined) return undefined;
    return query
      .join(
        relation.table,
        `${relation.table}.${relation.reverseColumn}`,
        `${permission.table}.${permission.primaryKey.column}`,
      )
      .where(`${relation.table}.${relation.column}`, boundKey(connection, model, user.pk));
  });
}

/** Names (`app.codename`) of the rights that a user has through groups; all that there are for a superuser. */
export async function groupPermissionNames(connection: DbContext, user: Holder, only?: string): Promise<string[]> {
  return permissionNames(connection, user, only, (query, permission, model) => {
    const membership = relationOf(model, model.auth?.groups);
    const group = membership && findModel(connection.registry, membership.to);
    const rights = group?.manyToMany.find(({ to }) => to === permission.label);
    if (membership === undefined || rights === undefined) return undefined;
    return query
      .join(
        rights.table,
        `${rights.table}.${rights.reverseColumn}`,
        `${permission.table}.${permission.primaryKey.column}`,
      )
      .join(membership.table, `${membership.table}.${membership.reverseColumn}`, `${rights.table}.${rights.column}`)
      .where(`${membership.table}.${membership.column}`, boundKey(connection, model, user.pk))
      .distinct();
  });
}

/** Names of the groups that a user is in, in their order. */
export async function groupNames(connection: DbContext, user: Holder): Promise<string[]> {
  const { model } = userModelOf(connection.registry);
  const membership = relationOf(model, model.auth?.groups);
  const group = membership && findModel(connection.registry, membership.to);
  if (membership === undefined || group === undefined) return [];
  const name = findField(group, 'name') ?? group.primaryKey;
  const names: unknown[] = await connection
    .db(membership.table)
    .join(group.table, `${group.table}.${group.primaryKey.column}`, `${membership.table}.${membership.reverseColumn}`)
    .where(`${membership.table}.${membership.column}`, boundKey(connection, model, user.pk))
    .pluck(`${group.table}.${name.column}`);
  return names.map(String).sort();
}

const relationOf = (model: Model, name: string | undefined): ManyToMany | undefined =>
  model.manyToMany.find((each) => each.name === name);

function boundKey({ db, dialect, registry }: DbContext, model: Model, pk: Value): Knex.Value {
  return dialect.bind(db, storedField(registry, model.primaryKey), pk);
}

async function permissionNames(
  { db, registry }: DbContext,
  user: Holder,
  only: string | undefined,
  narrow: (query: Knex.QueryBuilder, permission: Model, model: Model) => Knex.QueryBuilder | undefined,
): Promise<string[]> {
  const { model } = userModelOf(registry);
  const permission = findModel(registry, 'auth.permission');
  const type = findModel(registry, 'contenttypes.contenttype');
  const reference = permission && findField(permission, 'content_type');
  if (permission === undefined || type === undefined || reference === undefined) return [];
  const query = db(permission.table)
    .join(type.table, `${type.table}.${type.primaryKey.column}`, `${permission.table}.${reference.column}`)
    .select({ app: `${type.table}.app_label`, codename: `${permission.table}.codename` });
  if (only !== undefined) {
    const dot = only.indexOf('.');
    query.where({
      [`${type.table}.app_label`]: only.slice(0, dot),
      [`${permission.table}.codename`]: only.slice(dot + 1),
    });
  }
  const rows: { app: string; codename: string }[] | undefined = await (user.isSuperuser
    ? query
    : narrow(query, permission, model));
  return (rows ?? []).map(({ app, codename }) => `${app}.${codename}`);
}

/** What a permission is named by: `app.codename`, or `app.model.codename` where another model of the app has such a one too. */
export function labelPermissions<P extends { readonly app: string; readonly model: string; readonly codename: string }>(
  found: readonly P[],
): (P & { readonly label: string })[] {
  const counts = new Map<string, number>();
  for (const { app, codename } of found) counts.set(`${app}.${codename}`, (counts.get(`${app}.${codename}`) ?? 0) + 1);
  return found
    .map((each) => {
      const short = `${each.app}.${each.codename}`;
      return { ...each, label: counts.get(short) === 1 ? short : `${each.app}.${each.model}.${each.codename}` };
    })
    .toSorted((a, b) => (a.label < b.label ? -1 : 1));
}
