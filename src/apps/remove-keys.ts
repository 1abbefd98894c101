import type { Knex } from 'knex';
import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import { storedField } from '../registry/define.js';
import type { Model } from '../registry/types.js';
import { joinColumns, protectedRows, referringFields } from './referring.js';

/** Whether no known model refers to this one, and it has no join tables, so that its rows can go without looking further. */
export function isUnreferred(connection: Connection, model: Model): boolean {
  const joined = connection.registry.models.some((other) =>
    other.manyToMany.some((relation) => other.label === model.label || relation.to === model.label),
  );
  return !joined && referringFields(connection.registry, model).length === 0;
}

/**
 * Deletes the rows of `model` with these keys, which were read and perhaps locked before, with what refers to them as the fields
 * of all known models say (Django 5.2 db/models/deletion.py), in the transaction of the connection; resolves with how many rows
 * of `model` there were.
 *
 * @throws CommandError where a model protects them.
 */
export function removeKeys(connection: Connection, model: Model, keys: readonly Value[]): Promise<number> {
  return removeRows(connection, model, keys, new Set());
}

/** `going` has the rows that are being deleted already, since they may refer to each other. */
async function removeRows(
  connection: Connection,
  model: Model,
  keys: readonly Value[],
  going: Set<string>,
): Promise<number> {
  if (keys.length === 0) return 0;
  const { db, registry } = connection;
  const nameOf = ({ label }: Model, key: Value) => `${label} ${String(key)}`;
  for (const key of keys) going.add(nameOf(model, key));
  const among = async (table: string, column: string, query: Knex.QueryBuilder, address?: string) => {
    const field = { ...storedField(registry, model.primaryKey), column };
    const rows = keys.map((key) => [key]);
    const columns = [{ name: column, field }];
    await connection.dialect.whereAmong(db, query, { table, columns, rows, ...(address && { address }) });
    return { query };
  };
  for (const edge of referringFields(registry, model)) {
    const { table, primaryKey } = edge.model;
    // A query that an async function returns would be run: it goes in an object.
    const referring = () => among(table, edge.field.column, db(table), primaryKey.column);
    switch (edge.field.onDelete ?? 'CASCADE') {
      case 'CASCADE': {
        if (referringFields(registry, edge.model).length === 0) {
          await (await referring()).query.del();
          break;
        }
        const own = storedField(registry, primaryKey);
        const selected = connection.dialect.selectColumn(db, own, primaryKey.column, table);
        const rows: Record<string, unknown>[] = await (await referring()).query.select(selected);
        const found = rows.map((row) => connection.dialect.read(own, row[primaryKey.column]));
        const left = found.filter((key) => !going.has(nameOf(edge.model, key)));
        // Rows that go later must not keep these: not every engine looks at references only in the end.
        if (left.length < found.length && edge.field.null) {
          const name = primaryKey.column;
          const rows = found.filter((key) => !left.includes(key)).map((key) => [key]);
          const query = db(table);
          await connection.dialect.whereAmong(db, query, { table, columns: [{ name, field: own }], rows });
          await query.update({ [edge.field.column]: null });
        }
        await removeRows(connection, edge.model, left, going);
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
        throw protectedRows(model, edge.model);
      }
    }
  }
  for (const { table, column } of joinColumns(registry, model)) {
    await (await among(table, column, db(table))).query.del();
  }
  return (await among(model.table, model.primaryKey.column, db(model.table))).query.del();
}
