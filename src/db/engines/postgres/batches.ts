import type { Knex } from 'knex';
import { withConnection } from '../../connect/client.js';
import type { Executor } from '../../connect/connection.js';
import { sqlAsIs } from '../../dialect/sql-as-is.js';
import type { BatchDialect } from '../../write/batches.js';
import { scanPostgres } from './scan.js';

/**
 * Deletes in batches: see `Dialect.batches`. A row's address is its `ctid`, which costs a fifteenth of its key; it is
 * unique only within a partition.
 */
export const postgresBatches: BatchDialect = {
  async parts(executor, table) {
    const names = await leaves(executor, table);
    return names.map((name) => ({ name, address: executor.raw('ctid') }));
  },
  async some(executor, { name, address }, where, limit) {
    const sql = '? = ANY (ARRAY(SELECT ? FROM ? WHERE ? LIMIT ? FOR UPDATE SKIP LOCKED))';
    return { rows: executor.raw(sql, [address, address, name, where, limit]) };
  },
  scan: scanPostgres,
  async vacuum({ db }, table) {
    // Neither a transaction nor a search path can be had for it, so that it needs the whole name.
    for (const name of await leaves(db, table)) {
      await withConnection(db, ({ executor }) => executor.raw('VACUUM (ANALYZE) ?', [name]).then(() => undefined));
    }
  },
};

/** The partitions of a table that hold rows, or the table itself, by their whole names. */
async function leaves(executor: Executor, table: string): Promise<Knex.Raw[]> {
  const { rows }: { rows: { name: string }[] } = await executor.raw(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name
     FROM pg_catalog.pg_class AS c
     JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.oid IN (SELECT relid FROM pg_catalog.pg_partition_tree(CAST(quote_ident(?) AS regclass)) WHERE isleaf)
       OR c.oid = CAST(quote_ident(?) AS regclass) AND c.relkind = 'r'
     ORDER BY name`,
    [table, table],
  );
  return rows.map(({ name }) => executor.raw(sqlAsIs(name)));
}
