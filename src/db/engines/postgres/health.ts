import type { HealthDialect } from '../../dialect/health.js';

export const postgresHealth: HealthDialect = {
  async clock(executor) {
    const { rows } = await executor.raw('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint::text AS now');
    return Number(rows[0]?.now);
  },
  async sizes(executor) {
    const { rows } = await executor.raw(
      `SELECT relname AS name, pg_total_relation_size(oid)::text AS bytes
         FROM pg_class WHERE relkind IN ('r', 'p', 'm') AND pg_table_is_visible(oid)`,
    );
    const { rows: all } = await executor.raw('SELECT pg_database_size(current_database())::text AS bytes');
    return {
      total: Number(all[0]?.bytes),
      tables: new Map(rows.map(({ name, bytes }: { name: string; bytes: string }) => [name, Number(bytes)])),
    };
  },
  async sequencesBehind(executor, keys) {
    const behind = [];
    for (const key of keys) {
      const { rows } = await executor.raw(
        `SELECT has_sequence_privilege(sequence, 'SELECT')
                AND max(??) > coalesce(pg_sequence_last_value(sequence), 0) AS behind
           FROM ??, (SELECT pg_get_serial_sequence(quote_ident(?), ?)::regclass AS sequence) AS found
          GROUP BY sequence`,
        [key.column, key.table, key.table, key.column],
      );
      if (rows[0]?.behind === true) behind.push(key);
    }
    return behind;
  },
  storage: async () => [],
};
