import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { compiledSource } from './test/helpers/compiled-source.js';

export default defineConfig({
  plugins: [compiledSource()],
  test: {
    include: ['test/**/*.test.ts'],
    // They need Python and Django: `npm run test:django`.
    // They end servers: `npm run test:clusters`.
    // Those of MariaDB need a server: `npm run test:mariadb`.
    exclude: [
      'test/django/**',
      'test/clusters/**',
      ...(process.env.TEST_MARIADB_URL === undefined ? ['test/mariadb/**'] : []),
    ],
    globalSetup: ['test/helpers/memory.ts', 'test/helpers/cache.ts', 'test/helpers/global-setup.ts'],
    // Of use only against what never ends: a machine with much else to do may take ten times as long as usual.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    pool: 'forks',
    // Node starts, and loads what all files load, once for each worker: half a second of each file else.
    isolate: false,
    // A good part of what a test does is to wait for databases and processes.
    maxWorkers: availableParallelism() + 1,
  },
});
