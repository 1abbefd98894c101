import type { Knex } from 'knex';
import type { Connection, Executor } from '../connect/connection.js';

/** A temporary table with what a query gives, within the transaction of `executor`. */
export interface KeptRows {
  readonly table: string;
  drop(): Promise<void>;
}

/** Makes what keeps rows aside that may be more than fit into memory. */
export function createKeeper(
  { dialect }: Pick<Connection, 'dialect'>,
  executor: Executor,
): (query: Knex.QueryBuilder) => Promise<KeptRows> {
  let tables = 0;
  return async (query) => {
    tables++;
    const table = `manage_keys_${tables}`;
    // As a binding the query would be in parentheses, which not every engine takes here.
    const { sql, bindings } = query.toSQL();
    await executor.raw(`CREATE TEMPORARY TABLE ?? AS ${sql}`, [table, ...bindings]);
    return {
      table,
      async drop() {
        await executor.raw(dialect.dropTemporarySql, [table]);
      },
    };
  };
}
