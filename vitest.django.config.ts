import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { compiledSource } from './test/helpers/compiled-source.js';

/** Tests that need Django 5.2: `DJANGO_PYTHON` names a Python that has it. */
export default defineConfig({
  plugins: [compiledSource()],
  test: {
    include: ['test/django/**/*.test.ts'],
    globalSetup: ['test/helpers/memory.ts', 'test/helpers/cache.ts', 'test/helpers/global-setup.ts'],
    // Python's start alone takes seconds on a busy machine.
    testTimeout: 600_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    pool: 'forks',
    // Node starts, and loads what all files load, once for each worker.
    isolate: false,
    // A good part of what a test does is to wait for databases and processes.
    maxWorkers: availableParallelism() + 1,
  },
});
