import type { Knex } from 'knex';
import type { Connection } from '../db/connect/connection.js';
import type { Model } from '../registry/types.js';
import { joinColumns, protectedRows, referringFields } from './referring.js';

/** Narrows a query on a model's table. */
export type Narrow = (query: Knex.QueryBuilder) => unknown;

/**
 * Deletes the rows of `model` that `narrow` leaves, with what refers to them as the fields of all known models say
 * (Django 5.2 db/models/deletion.py), in one statement a table; resolves with how many rows of `model` there were.
 *
 * @throws CommandError where a model protects them.
 */
export async function removeRows(connection: Connection, model: Model, narrow: Narrow): Promise<number> {
  await removeDependents(connection, model, narrow, [model.label]);
  const query = connection.db(model.table);
  narrow(query);
  return query.del();
}

async function removeDependents(
  connection: Connection,
  model: Model,
  narrow: Narrow,
  path: readonly string[],
): Promise<void> {
  const { db, registry } = connection;
  const keys = (query: Knex.QueryBuilder) => {
    query.from(model.table).select(`${model.table}.${model.primaryKey.column}`);
    narrow(query);
  };
  for (const { model: other, field } of referringFields(registry, model)) {
    if (path.includes(other.label)) continue;
    const referring: Narrow = (query) => query.whereIn(`${other.table}.${field.column}`, keys as never);
    const rows = () => withNarrow(db(other.table), referring);
    switch (field.onDelete ?? 'CASCADE') {
      case 'CASCADE':
        await removeDependents(connection, other, referring, [...path, other.label]);
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
