import { type AuditOptions, writeLog } from '../../audit/write.js';
import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { tryOut } from '../../db/transactions/dry-run.js';
import { storedField } from '../../registry/define.js';
import { userModelOf } from '../accounts/user-model.js';
import { type Permission, readPermissions, requireModel } from './catalogue.js';
import { findRelation } from './links.js';
import { type SyncResult, syncPermissions } from './sync.js';

/** A model that has another name now, without its app. */
export interface RenamedModel {
  readonly app: string;
  readonly from: string;
  readonly to: string;
}

/** A permission of the old name, and what became of it. */
export interface MovedPermission {
  readonly from: string;
  readonly to: string;
  /** Users and groups that had the old one and not yet the new one. */
  readonly grants: number;
}

export interface UpdatedPermissions extends SyncResult {
  readonly moved: readonly MovedPermission[];
}

export interface UpdateOptions extends AuditOptions {
  readonly renamed?: readonly RenamedModel[];
  /** Does everything, and then undoes it. */
  readonly dryRun?: boolean;
}

const actions = ['add', 'change', 'delete', 'view'];

async function moveGrants(connection: Connection, from: Permission, to: Permission): Promise<number> {
  const { db, dialect, registry } = connection;
  const { model, auth } = userModelOf(registry);
  const key = storedField(registry, requireModel(connection, 'auth.permission').primaryKey);
  const bind = (value: Value) => dialect.bind(db, key, value);
  const names = new Set(await dialect.tableNames(db));
  const relations = [
    findRelation(requireModel(connection, 'auth.group'), 'permissions'),
    ...(auth.permissions === undefined ? [] : [findRelation(model, auth.permissions)]),
  ];
  const links: { table: string; own: string[]; permission: string }[] = [
    ...relations.map(({ table, column, reverseColumn }) => ({ table, own: [column], permission: reverseColumn })),
    ...['user', 'group']
      .filter((kind) => names.has(`guardian_${kind}objectpermission`))
      .map((kind) => ({
        table: `guardian_${kind}objectpermission`,
        own: [`${kind}_id`, 'object_pk'],
        permission: 'permission_id',
      })),
  ];
  let moved = 0;
  for (const { table, own, permission } of links) {
    const there = await db(table).select(own).where(permission, bind(to.pk));
    const identity = (row: Record<string, unknown>) => JSON.stringify(own.map((column) => String(row[column])));
    const has = new Set(there.map(identity));
    const rows: Record<string, unknown>[] = await db(table).select(own).where(permission, bind(from.pk));
    for (const row of rows) {
      const query = db(table).where(permission, bind(from.pk));
      for (const column of own) query.where(column, row[column] as string);
      if (has.has(identity(row))) await query.del();
      else moved += await query.update({ [permission]: bind(to.pk) });
    }
  }
  return moved;
}

/**
 * Makes the permissions that models lack, and gives the rights under the old codenames of renamed models to those who had
 * them under the new ones; the old permissions go. All of it is one transaction, with an entry in the log for each permission
 * whose rights have moved.
 */
export async function updatePermissions(
  connection: Connection,
  { renamed = [], dryRun = false, ...audit }: UpdateOptions = {},
): Promise<UpdatedPermissions> {
  return tryOut(connection, { dryRun }, async (bound) => {
    const synced = await syncPermissions(bound, { rename: true });
    const { db, dialect, registry } = bound;
    const model = requireModel(bound, 'auth.permission');
    const key = storedField(registry, model.primaryKey);
    const moved: MovedPermission[] = [];
    const done = async (pk: Value, change: MovedPermission) => {
      moved.push(change);
      const messages = [{ changed: { fields: [`Moved from ${change.from}`] } }];
      await writeLog(bound, [{ action: 'change', model, pk, repr: change.to, messages }], audit);
    };
    for (const { app, from, to } of renamed) {
      const all = await readPermissions(bound);
      for (const action of actions) {
        const old = all.find((each) => each.app === app && each.codename === `${action}_${from}`);
        const next = all.find((each) => each.app === app && each.codename === `${action}_${to}`);
        if (old === undefined) continue;
        if (next === undefined) {
          // Its model may not be known here: the row keeps its grants under the new name.
          const changes = { codename: `${action}_${to}`, name: old.name.replace(from, to) };
          await db(model.table)
            .where(model.primaryKey.column, dialect.bind(db, key, old.pk))
            .update(changes);
          await done(old.pk, { from: old.label, to: `${app}.${action}_${to}`, grants: 0 });
          continue;
        }
        const grants = await moveGrants(bound, old, next);
        await db(model.table)
          .where(model.primaryKey.column, dialect.bind(db, key, old.pk))
          .del();
        await done(next.pk, { from: old.label, to: next.label, grants });
      }
    }
    return { ...synced, moved };
  });
}
