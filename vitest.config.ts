import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // They need Python and Django: `npm run test:django`.
    exclude: ['test/django/**'],
    globalSetup: ['test/helpers/cache.ts', 'test/helpers/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Most of what a test does is to wait for databases and processes.
    maxWorkers: '100%',
  },
});
