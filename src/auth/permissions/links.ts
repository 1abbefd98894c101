import type { DbContext } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { CommandError } from '../../errors.js';
import { findModel, storedField } from '../../registry/define.js';
import type { ManyToMany, Model } from '../../registry/types.js';

/** Keys of the rows that a row is linked to, by the name of the many-to-many relation. */
export type Links = Readonly<Record<string, readonly Value[]>>;

/** @throws CommandError where the model has no such relation, or one with a model of its own between. */
export function findRelation(model: Model, name: string): ManyToMany {
  const relation = model.manyToMany.find((each) => each.name === name);
  if (relation === undefined) {
    throw new CommandError(`The model ${model.label} has no many-to-many relation '${name}'.`, {
      code: 'unknown_field',
    });
  }
  if (relation.through !== undefined) {
    throw new CommandError(`'${name}' of ${model.label} is kept in the model ${relation.through}.`, {
      code: 'unsupported_relation',
      hint: 'Such links cannot be made here: leave them out, and add them by other means.',
    });
  }
  return relation;
}

/** The model that a relation leads to. */
export function targetOf({ registry }: Pick<DbContext, 'registry'>, { to }: { readonly to: string }): Model {
  const target = findModel(registry, to);
  if (target === undefined) throw new CommandError(`No app declares the model '${to}'.`, { code: 'bad_registry' });
  return target;
}

/** Adds the links that are not there yet. */
export async function insertLinks(connection: DbContext, model: Model, pk: Value, links: Links): Promise<void> {
  const { db, dialect, registry } = connection;
  for (const [name, keys] of Object.entries(links)) {
    const relation = findRelation(model, name);
    const own = storedField(registry, model.primaryKey);
    const other = storedField(registry, targetOf(connection, relation).primaryKey);
    const from = dialect.bind(db, own, pk);
    for (const key of new Set(keys)) {
      const link = { [relation.column]: from, [relation.reverseColumn]: dialect.bind(db, other, key) };
      const [found] = await db(relation.table).where(link).select(relation.column).limit(1);
      if (found === undefined) await db(relation.table).insert(link);
    }
  }
}

/** Keys of the rows that a row is linked to, in no order. */
export async function linkedKeys(connection: DbContext, model: Model, pk: Value, name: string): Promise<Value[]> {
  const { db, dialect, registry } = connection;
  const relation = findRelation(model, name);
  const own = storedField(registry, model.primaryKey);
  const other = { ...storedField(registry, targetOf(connection, relation).primaryKey), column: relation.reverseColumn };
  const rows: Record<string, unknown>[] = await db(relation.table)
    .select(dialect.selectColumn(db, other, relation.reverseColumn))
    .where(relation.column, dialect.bind(db, own, pk));
  return rows.map((row) => dialect.read(other, row[relation.reverseColumn]));
}

/** Removes links; those that are not there are no error. Resolves with how many there were. */
export async function removeLinks(connection: DbContext, model: Model, pk: Value, links: Links): Promise<number> {
  const { db, dialect, registry } = connection;
  let removed = 0;
  for (const [name, keys] of Object.entries(links)) {
    const relation = findRelation(model, name);
    const own = storedField(registry, model.primaryKey);
    const other = storedField(registry, targetOf(connection, relation).primaryKey);
    for (const key of new Set(keys)) {
      removed += await db(relation.table)
        .where(relation.column, dialect.bind(db, own, pk))
        .where(relation.reverseColumn, dialect.bind(db, other, key))
        .del();
    }
  }
  return removed;
}
