import type { Knex } from 'knex';
import type { Connection } from '../db/connect/connection.js';
import { storedField } from '../registry/define.js';
import type { Model, Registry } from '../registry/types.js';
import { joinColumns, protectedRows, referringFields } from './referring.js';
import { removeKeys } from './remove-keys.js';

/** Narrows a query on a model's table. */
export type Narrow = (query: Knex.QueryBuilder) => unknown;

/**
 * Deletes the rows of `model` that `narrow` leaves, with what refers to them as the fields of all known models say
 * (Django 5.2 db/models/deletion.py); resolves with how many rows of `model` there were. It is one statement a table, however many
 * rows there are; only where models refer to each other in a circle the rows are read first, and go by their keys: see
 * {@link removeKeys}, which is for rows whose keys are known.
 *
 * @throws CommandError where a model protects them.
 */
export async function removeRows(connection: Connection, model: Model, narrow: Narrow): Promise<number> {
  const { db, dialect, registry } = connection;
  const rows = () => withNarrow(db(model.table), narrow);
  if (isInCircle(registry, model)) {
    const key = storedField(registry, model.primaryKey);
    const { column } = model.primaryKey;
    const raw: Record<string, unknown>[] = await rows().select(dialect.selectColumn(db, key, column, model.table));
    const keys = raw.map((row) => dialect.read(key, row[column]));
    return removeKeys(connection, model, keys);
  }
  await removeDependents(connection, model, narrow);
  return rows().del();
}

/** Whether rows that go with those of a model may be referred to by rows of a model that has been met already. */
function isInCircle(registry: Registry, model: Model, path: readonly string[] = []): boolean {
  if (path.includes(model.label)) return true;
  return referringFields(registry, model).some(
    ({ model: other, field }) =>
      (field.onDelete ?? 'CASCADE') === 'CASCADE' && isInCircle(registry, other, [...path, model.label]),
  );
}

async function removeDependents(connection: Connection, model: Model, narrow: Narrow): Promise<void> {
  const { db, registry } = connection;
  const keys = (query: Knex.QueryBuilder) => {
    query.from(model.table).select(`${model.table}.${model.primaryKey.column}`);
    narrow(query);
  };
  for (const { model: other, field } of referringFields(registry, model)) {
    const referring: Narrow = (query) => query.whereIn(`${other.table}.${field.column}`, keys as never);
    const rows = () => withNarrow(db(other.table), referring);
    switch (field.onDelete ?? 'CASCADE') {
      case 'CASCADE':
        await removeDependents(connection, other, referring);
        await rows().del();
        break;
      case 'SET_NULL':
        await rows().update({ [field.column]: null });
        break;
      case 'DO_NOTHING':
        break;
      default:
        if ((await rows().select(other.primaryKey.column).limit(1)).length > 0) throw protectedRows(model, other);
    }
  }
  for (const { table, column } of joinColumns(registry, model)) {
    await db(table)
      .whereIn(column, keys as never)
      .del();
  }
}

function withNarrow(query: Knex.QueryBuilder, narrow: Narrow): Knex.QueryBuilder {
  narrow(query);
  return query;
}
