import type { Knex } from 'knex';
import { isInteger } from '../../../registry/field-types.js';
import type { PackedColumn } from '../../dialect/dialect.js';

/** See `Dialect.packRows`. JSON's numbers would be rounded when they are read, and JSON inside of JSON laid out anew. */
export async function packPostgresRows(
  executor: Knex,
  query: Knex.QueryBuilder,
  columns: readonly PackedColumn[],
): Promise<string | null> {
  const values = columns.map(({ field: { type } }) => {
    const value = isInteger(type) || type === 'DecimalField' || type === 'JSONField' ? '??::text' : '??';
    return `coalesce(to_json(${value})::text, 'null')`;
  });
  // Put together as text, it takes a third of the time that json_agg and json_build_array need.
  const { rows } = await executor.raw<{ rows: { packed: string | null }[] }>(
    `SELECT '[' || string_agg('[' || ${values.join(" || ',' || ")} || ']', ',') || ']' AS packed FROM (?) AS page`,
    [...columns.map(({ name }) => name), query],
  );
  return rows[0]?.packed ?? null;
}
