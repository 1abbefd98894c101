import type { HealthDialect } from '../../dialect/health.js';

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
};
