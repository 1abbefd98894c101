import type { HealthDialect } from '../../dialect/health.js';

export const sqliteHealth: HealthDialect = {
  // It runs in this process.
  clock: async () => undefined,
  async sizes(executor) {
    const [pages] = await executor.raw('PRAGMA page_count');
    const [size] = await executor.raw('PRAGMA page_size');
    // Only by reading every page could it say whose they are.
    return { total: Number(pages?.page_count) * Number(size?.page_size), tables: new Map() };
  },
  // A key that it makes follows the greatest one in the table.
  sequencesBehind: async () => [],
  storage: async () => [],
};
