import type { Knex } from 'knex';

/** See `Dialect.packRows`. */
export async function packPostgresRows(
  executor: Knex,
  query: Knex.QueryBuilder,
  columns: readonly string[],
): Promise<string | null> {
  const array = `json_build_array(${columns.map(() => '??').join(', ')})`;
  const { rows } = await executor.raw<{ rows: { packed: string | null }[] }>(
    `SELECT json_agg(${array})::text AS packed FROM (?) AS page`,
    [...columns, query],
  );
  return rows[0]?.packed ?? null;
}
