import type { Knex } from 'knex';
import type { Field } from '../../../registry/types.js';
import type { PackedColumn } from '../../dialect/dialect.js';

/** See `Dialect.packRows`. */
export async function packSqliteRows(
  executor: Knex,
  query: Knex.QueryBuilder,
  columns: readonly PackedColumn[],
): Promise<string | null> {
  const expressions = columns.map(({ field }) => expressionOf(field));
  const array = `json_array(${expressions.join(', ')})`;
  const [row] = await executor.raw<{ packed: string }[]>(`SELECT json_group_array(${array}) AS packed FROM (?)`, [
    ...columns.flatMap(({ name }, index) =>
      Array<string>((expressions[index] ?? '').split('??').length - 1).fill(name),
    ),
    query,
  ]);
  return row === undefined || row.packed === '[]' ? null : row.packed;
}

/**
 * A column of any type may hold bytes, and texts with a NUL are read as such. JSON has no bytes, and newer versions of
 * SQLite take some for JSON in their own binary form.
 */
function expressionOf({ type }: Field): string {
  if (type === 'FloatField') return '??';
  if (type === 'BooleanField') return "CASE typeof(??) WHEN 'blob' THEN CAST(?? AS TEXT) ELSE ?? END";
  return 'CAST(?? AS TEXT)';
}
