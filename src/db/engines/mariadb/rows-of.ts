import type { Knex } from 'knex';
import type { Executor } from '../../connect/connection.js';

/** The rows of a query that is written out. */
export async function rowsOf<Row>(
  executor: Executor,
  sql: string,
  bindings: readonly (Knex.RawBinding | Knex.Value)[] = [],
): Promise<Row[]> {
  const answer: { readonly [index: number]: Row[] | undefined } = await executor.raw(
    sql,
    bindings as Knex.RawBinding[],
  );
  // A recording executor finds nothing.
  return answer[0] ?? [];
}
