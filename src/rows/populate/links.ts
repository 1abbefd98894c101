import { targetOf } from '../../auth/permissions/links.js';
import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import type { BulkColumn } from '../../db/write/bulk.js';
import { readRow, selectColumns } from '../../db/write/rows.js';
import { findModel, storedField } from '../../registry/define.js';
import type { ManyToMany, Model } from '../../registry/types.js';

/** More keys than these are not held; enough for variety. */
const mostKeys = 1000;

/** Primary keys of a model's rows, the first ones. */
export async function someKeys(connection: Connection, model: Model): Promise<Value[]> {
  const { primaryKey } = model;
  const rows: Record<string, unknown>[] = await connection
    .db(model.table)
    .select(selectColumns(connection, [primaryKey]))
    .orderBy(`${model.table}.${primaryKey.column}`)
    .limit(mostKeys);
  return rows.map((row) => readRow(connection, [primaryKey], row)[primaryKey.name] ?? null);
}

/**
 * Keys of permissions in the order of what they stand for: those that the database made, and its collation, differ from
 * one to another, and a seed is to choose the same ones in all.
 */
export async function permissionKeys(connection: Connection): Promise<Value[]> {
  const permission = findModel(connection.registry, 'auth.permission');
  const type = findModel(connection.registry, 'contenttypes.contenttype');
  if (permission === undefined || type === undefined) return [];
  const rows: { id: Value; app: string; model: string; codename: string }[] = await connection
    .db({ p: permission.table })
    .join({ t: type.table }, 't.id', 'p.content_type_id')
    .select({ id: 'p.id', app: 't.app_label', model: 't.model', codename: 'p.codename' });
  const name = ({ app, model, codename }: (typeof rows)[number]) => `${app}\0${model}\0${codename}`;
  return rows
    .sort((a, b) => (name(a) < name(b) ? -1 : 1))
    .slice(0, mostKeys)
    .map(({ id }) => id);
}

/** The columns of a relation's join table: the owner's, then the other's. */
export function linkColumns({ registry }: Connection, model: Model, relation: ManyToMany): BulkColumn[] {
  const target = targetOf({ registry }, relation);
  return [
    { name: relation.column, field: storedField(registry, model.primaryKey) },
    { name: relation.reverseColumn, field: storedField(registry, target.primaryKey) },
  ];
}
