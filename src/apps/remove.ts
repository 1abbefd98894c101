import type { Knex } from 'knex';
import type { Connection } from '../db/connect/connection.js';
import { CommandError } from '../errors.js';
import type { Model } from '../registry/types.js';

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
  for (const other of registry.models.filter(({ managed }) => managed)) {
    for (const field of other.fields) {
      if (field.to !== model.label || path.includes(other.label)) continue;
      const referring: Narrow = (query) => query.whereIn(`${other.table}.${field.column}`, keys as never);
      switch (field.onDelete ?? 'CASCADE') {
        case 'CASCADE':
          await removeDependents(connection, other, referring, [...path, other.label]);
          await withNarrow(db(other.table), referring).del();
          break;
        case 'SET_NULL':
          await withNarrow(db(other.table), referring).update({ [field.column]: null });
          break;
        case 'DO_NOTHING':
          break;
        default:
          await assertNone(connection, other, referring, model);
      }
    }
  }
  for (const other of registry.models) {
    for (const relation of other.manyToMany) {
      if (relation.through !== undefined) continue;
      const columns = [
        ...(other.label === model.label ? [relation.column] : []),
        ...(relation.to === model.label ? [relation.reverseColumn] : []),
      ];
      for (const column of columns)
        await db(relation.table)
          .whereIn(column, keys as never)
          .del();
    }
  }
}

function withNarrow(query: Knex.QueryBuilder, narrow: Narrow): Knex.QueryBuilder {
  narrow(query);
  return query;
}

async function assertNone({ db }: Connection, model: Model, narrow: Narrow, target: Model): Promise<void> {
  const [row] = await withNarrow(db(model.table), narrow).select(model.primaryKey.column).limit(1);
  if (row === undefined) return;
  throw new CommandError(`Rows of ${target.label} cannot be deleted: rows of ${model.label} refer to them.`, {
    code: 'protected_rows',
    hint: `Delete the rows of ${model.label} first.`,
  });
}
