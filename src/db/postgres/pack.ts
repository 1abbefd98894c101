import type { Knex } from 'knex';
import type { PackedColumn } from '../dialect.js';
import { wideIntegers } from '../values.js';

/** See `Dialect.packRows`. JSON's numbers would be rounded when they are read, and JSON inside of JSON laid out anew. */
export async function packPostgresRows(
  executor: Knex,
  query: Knex.QueryBuilder,
  columns: readonly PackedColumn[],
): Promise<string | null> {
  const array = columns.map(({ field: { type } }) =>
    wideIntegers.has(type) || type === 'DecimalField' || type === 'JSONField' ? '??::text' : '??',
  );
  const { rows } = await executor.raw<{ rows: { packed: string | null }[] }>(
    `SELECT json_agg(json_build_array(${array.join(', ')}))::text AS packed FROM (?) AS page`,
    [...columns.map(({ name }) => name), query],
  );
  return rows[0]?.packed ?? null;
}
