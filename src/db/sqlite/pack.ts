import type { Knex } from 'knex';

/** See `Dialect.packRows`. */
export async function packSqliteRows(
  executor: Knex,
  query: Knex.QueryBuilder,
  columns: readonly string[],
): Promise<string | null> {
  const array = `json_array(${columns.map(() => '??').join(', ')})`;
  const [row] = await executor.raw<{ packed: string }[]>(`SELECT json_group_array(${array}) AS packed FROM (?)`, [
    ...columns,
    query,
  ]);
  return row === undefined || row.packed === '[]' ? null : row.packed;
}
