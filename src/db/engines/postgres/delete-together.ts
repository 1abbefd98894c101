import type { Knex } from 'knex';
import type { Executor } from '../../connect/executor.js';

/** See `Dialect.deleteTogether`: constraints that are not deferrable are checked at the end of a statement, whatever is in it. */
export async function deleteTogether(_executor: Executor, queries: readonly Knex.QueryBuilder[]): Promise<void> {
  const [statement, ...others] = queries;
  if (statement === undefined) return;
  for (const [at, query] of others.entries()) statement.with(`gone_${at}`, query.del());
  await statement.del();
}
