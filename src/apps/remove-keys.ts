import type { Knex } from 'knex';
import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import { CommandError } from '../errors.js';
import { storedField } from '../registry/define.js';
import type { Field, Model } from '../registry/types.js';

interface Edge {
  readonly model: Model;
  readonly field: Field;
}

const edgesTo = ({ registry }: Connection, { label }: Model): Edge[] =>
  registry.models
    .filter(({ managed }) => managed)
    .flatMap((model) => model.fields.filter(({ to }) => to === label).map((field) => ({ model, field })));

/** Whether no known model refers to this one, and it has no join tables, so that its rows can go without looking further. */
export function isUnreferred(connection: Connection, model: Model): boolean {
  const joined = connection.registry.models.some((other) =>
    other.manyToMany.some((relation) => other.label === model.label || relation.to === model.label),
  );
  return !joined && edgesTo(connection, model).length === 0;
}

/**
 * Deletes the rows of `model` with these keys, with what refers to them as the fields of all known models say (Django 5.2
 * db/models/deletion.py), in the transaction of the connection; resolves with how many rows of `model` there were.
 *
 * @throws CommandError where a model protects them.
 */
export async function removeKeys(connection: Connection, model: Model, keys: readonly Value[]): Promise<number> {
  if (keys.length === 0) return 0;
  const { db, registry } = connection;
  const among = async (table: string, column: string, query: Knex.QueryBuilder) => {
    const field = { ...storedField(registry, model.primaryKey), column };
    const rows = keys.map((key) => [key]);
    await connection.dialect.whereAmong(db, query, { table, columns: [{ name: column, field }], rows });
    return { query };
  };
  for (const edge of edgesTo(connection, model)) {
    const { table, primaryKey } = edge.model;
    // A query that an async function returns would be run: it goes in an object.
    const referring = () => among(table, edge.field.column, db(table));
    switch (edge.field.onDelete ?? 'CASCADE') {
      case 'CASCADE': {
        if (edgesTo(connection, edge.model).length === 0) {
          await (await referring()).query.del();
          break;
        }
        const own = storedField(registry, primaryKey);
        const selected = connection.dialect.selectColumn(db, own, primaryKey.column, table);
        const rows: Record<string, unknown>[] = await (await referring()).query.select(selected);
        const found = rows.map((row) => connection.dialect.read(own, row[primaryKey.column]));
        if (edge.model !== model) await removeKeys(connection, edge.model, found);
        break;
      }
      case 'SET_NULL':
        await (await referring()).query.update({ [edge.field.column]: null });
        break;
      case 'DO_NOTHING':
        break;
      default: {
        const [row] = await (await referring()).query.select(primaryKey.column).limit(1);
        if (row === undefined) break;
        throw new CommandError(`Rows of ${model.label} cannot be deleted: rows of ${edge.model.label} refer to them.`, {
          code: 'protected_rows',
          hint: `Delete the rows of ${edge.model.label} first.`,
        });
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
      for (const column of columns) await (await among(relation.table, column, db(relation.table))).query.del();
    }
  }
  return (await among(model.table, model.primaryKey.column, db(model.table))).query.del();
}
