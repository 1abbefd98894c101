import { defineConfig } from 'vitest/config';
import { compiledSource } from './test/helpers/compiled-source.js';

/** Tests that start several servers, and end some of them: `npm run test:clusters`. Those of Galera need Debian's packages. */
export default defineConfig({
  plugins: [compiledSource()],
  test: {
    include: ['test/clusters/**/*.test.ts'],
    globalSetup: ['test/helpers/memory.ts', 'test/helpers/cache.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: 'forks',
    // Each file has servers of its own.
    maxWorkers: 2,
  },
});
