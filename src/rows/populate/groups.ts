import type { Faker } from '@faker-js/faker';
import { findRelation, targetOf } from '../../auth/permissions/links.js';
import type { Connection, Executor } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import type { BulkColumn } from '../../db/write/bulk.js';
import { insertRow, readRow, selectColumns } from '../../db/write/rows.js';
import { findModel, storedField } from '../../registry/define.js';
import type { ManyToMany, Model } from '../../registry/types.js';

const roles = ['editors', 'managers', 'viewers', 'support', 'interns', 'leads', 'auditors', 'planners'];

/** More keys than these are not held; enough for variety. */
const mostKeys = 1000;

/** Primary keys of a model's rows, the first ones. */
export async function someKeys(connection: Connection, executor: Executor, model: Model): Promise<Value[]> {
  const { primaryKey } = model;
  const rows: Record<string, unknown>[] = await executor(model.table)
    .select(selectColumns(connection, [primaryKey]))
    .orderBy(primaryKey.column)
    .limit(mostKeys);
  return rows.map((row) => readRow(connection, [primaryKey], row)[primaryKey.name] ?? null);
}

/**
 * Keys of permissions in the order of what they stand for: those that the database made, and its collation, differ from
 * one to another, and a seed is to choose the same ones in all.
 */
export async function permissionKeys(connection: Connection, executor: Executor): Promise<Value[]> {
  const permission = findModel(connection.registry, 'auth.permission');
  const type = findModel(connection.registry, 'contenttypes.contenttype');
  if (permission === undefined || type === undefined) return [];
  const rows: { id: Value; app: string; model: string; codename: string }[] = await executor({ p: permission.table })
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

/** Makes groups whose names nobody has yet, with some of the permissions; resolves with their keys. */
export async function makeGroups(
  connection: Connection,
  executor: Executor,
  {
    faker,
    group,
    count,
    permissions,
    now,
  }: {
    readonly faker: Faker;
    readonly group: Model;
    readonly count: number;
    readonly permissions: readonly Value[];
    readonly now: Date;
  },
): Promise<{ readonly keys: Value[]; readonly permissions: number }> {
  const name = group.fields.find((field) => !field.primaryKey && field.unique) ?? group.fields[1];
  const relation = group.manyToMany.find(({ to }) => to === 'auth.permission');
  if (name === undefined) return { keys: [], permissions: 0 };
  const taken = new Set<unknown>(await executor(group.table).pluck(name.column));
  const keys: Value[] = [];
  const links: Value[][] = [];
  while (keys.length < count) {
    const base = `${faker.commerce.department()} ${faker.helpers.arrayElement(roles)}`;
    const text = taken.has(base) ? `${base} ${taken.size + 1}` : base;
    if (taken.has(text)) continue;
    taken.add(text);
    const key = await insertRow(connection, group, { [name.name]: text }, { now });
    keys.push(key);
    for (const permission of faker.helpers.arrayElements(permissions, { min: 2, max: 10 }))
      links.push([key, permission]);
  }
  if (relation !== undefined && relation.through === undefined) {
    const columns = linkColumns(connection, group, findRelation(group, relation.name));
    const bulk = await connection.dialect.bulk(executor);
    await bulk.replaceLinks(executor, { table: relation.table, columns, rows: links }, keys);
  }
  return { keys, permissions: links.length };
}
