import type { Knex } from 'knex';
import type { Executor } from '../connect/executor.js';

/** `Dialect.deleteTogether` where references are looked at afterwards anyway: see `Dialect.deferReferences`. */
export async function deleteEach(_executor: Executor, queries: readonly Knex.QueryBuilder[]): Promise<void> {
  for (const query of queries) await query.del();
}
