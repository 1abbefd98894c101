import type { Knex } from 'knex';
import type { Field } from '../../registry/types.js';
import type { PackedColumn } from '../dialect.js';

/** See `Dialect.packRows`. */
export async function packSqliteRows(
  executor: Knex,
  query: Knex.QueryBuilder,
  columns: readonly PackedColumn[],
): Promise<string | null> {
  const array = `json_array(${columns.map(({ field }) => (mayBeBytes(field) ? 'CAST(?? AS TEXT)' : '??')).join(', ')})`;
  const [row] = await executor.raw<{ packed: string }[]>(`SELECT json_group_array(${array}) AS packed FROM (?)`, [
    ...columns.map(({ name }) => name),
    query,
  ]);
  return row === undefined || row.packed === '[]' ? null : row.packed;
}

const NUMBERS: ReadonlySet<Field['type']> = new Set(['BooleanField', 'FloatField']);

/** A column of any type may hold bytes, and texts with a NUL are read as such; JSON has no bytes. */
const mayBeBytes = ({ type }: Field) => !NUMBERS.has(type);
