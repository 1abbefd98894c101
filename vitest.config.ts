import { defineConfig } from 'vitest/config';

/**
 * Files of these folders share what a process of Vitest has loaded, which spares each a second of processor time: they keep
 * nothing in modules, and what they change for a test is as before at its end.
 */
const sharing = ['cli', 'commands', 'db', 'modules', 'registry', 'settings', 'ui'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);

// They need Python and Django: `npm run test:django`.
// They end servers: `npm run test:clusters`.
// Those of MariaDB need a server: `npm run test:mariadb`.
const elsewhere = [
  'test/django/**',
  'test/clusters/**',
  ...(process.env.TEST_MARIADB_URL === undefined ? ['test/mariadb/**'] : []),
];

export default defineConfig({
  test: {
    globalSetup: ['test/helpers/memory.ts', 'test/helpers/cache.ts', 'test/helpers/global-setup.ts'],
    // Of use only against what never ends: a machine with much else to do may take ten times as long as usual.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    pool: 'forks',
    // Most of what a test does is to wait for databases and processes.
    maxWorkers: '100%',
    projects: [
      { extends: true, test: { name: 'sharing', include: sharing, isolate: false } },
      { extends: true, test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: [...elsewhere, ...sharing] } },
    ],
  },
});
