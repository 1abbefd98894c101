import type { HealthDialect } from '../../dialect/health.js';
import { rowsOf } from './rows-of.js';

interface StorageRow {
  readonly table: string;
  readonly kind: string | null;
  readonly column: string | null;
  readonly charset: string | null;
  readonly collation: string | null;
}

export const mariadbHealth: HealthDialect = {
  async clock(executor) {
    const [rows] = await executor.raw('SELECT UNIX_TIMESTAMP(SYSDATE(6)) * 1000 AS now');
    return Number(rows[0]?.now);
  },
  async sizes(executor) {
    const [rows] = await executor.raw(
      `SELECT table_name AS name, data_length + index_length AS bytes
         FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'`,
    );
    const tables = new Map<string, number>(
      rows.map(({ name, bytes }: { name: string; bytes: string | null }) => [name, Number(bytes ?? 0)]),
    );
    return { total: [...tables.values()].reduce((sum, bytes) => sum + bytes, 0), tables };
  },
  // A key that it makes follows the greatest one in the table.
  sequencesBehind: async () => [],
  async storage(executor) {
    const rows = await rowsOf<StorageRow>(
      executor,
      `SELECT t.TABLE_NAME AS \`table\`, t.ENGINE AS kind, c.COLUMN_NAME AS \`column\`, c.CHARACTER_SET_NAME AS charset,
         c.COLLATION_NAME AS collation
       FROM information_schema.TABLES t LEFT JOIN information_schema.COLUMNS c
         ON c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = t.TABLE_NAME AND c.CHARACTER_SET_NAME IS NOT NULL
       WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE' ORDER BY t.TABLE_NAME, c.ORDINAL_POSITION`,
    );
    const tables = new Map<string, StorageRow[]>();
    for (const row of rows) tables.set(row.table, [...(tables.get(row.table) ?? []), row]);
    return [...tables].map(([table, columns]) => {
      const narrow = new Map<string, string[]>();
      for (const { column, charset } of columns) {
        if (column === null || charset === null || charset === 'utf8mb4') continue;
        narrow.set(charset, [...(narrow.get(charset) ?? []), column]);
      }
      // JSON is compared byte by byte, whatever the table is.
      const collations = new Set(columns.flatMap(({ collation }) => collation ?? []));
      if (collations.size > 1) collations.delete('utf8mb4_bin');
      const kind = columns[0]?.kind ?? undefined;
      return {
        table,
        withoutTransactions: kind === undefined || /^(?:InnoDB|ndbcluster|ROCKSDB)$/i.test(kind) ? undefined : kind,
        narrow,
        collations: [...collations],
      };
    });
  },
};
