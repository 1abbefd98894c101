import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findPassword } from '../../src/db/engines/postgres/password.js';
import { serversOf } from '../../src/db/engines/postgres/server.js';
import { homeFolder } from '../../src/modules/home.js';
import { loadModule } from '../../src/modules/load.js';
import { parseDatabaseUrl } from '../../src/settings/database-url.js';

// What Node does for a user without an entry in the system's list, where HOME is not set.
const nobody = () => {
  throw new Error('ENOENT: no such file or directory, uv_os_get_passwd');
};

beforeEach(() => {
  for (const name of ['XDG_CACHE_HOME', 'PGUSER', 'PGPASSWORD', 'PGPASSFILE']) vi.stubEnv(name, '');
  for (const name of ['homedir', 'userInfo'] as const) vi.spyOn(os, name).mockImplementation(nobody);
  syncBuiltinESMExports();
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

test('a user without a home has no password file and no cache, and loads TypeScript', async () => {
  expect(homeFolder()).toBeUndefined();
  expect(await findPassword({ host: 'h', port: 5432, user: 'u', database: 'd' })).toBe('');
  const folder = await mkdtemp(join(tmpdir(), 'manage-home-'));
  try {
    await writeFile(join(folder, 'value.ts'), 'export default 1 as number;\n');
    expect(await loadModule(join(folder, 'value.ts'))).toBe(1);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a user without a name is asked to name one for PostgreSQL', () => {
  const target = parseDatabaseUrl('postgres://h/d', '/', () => undefined);
  if (target.engine !== 'postgres') throw new Error('This is a database of PostgreSQL.');
  expect(() => serversOf(target)).toThrow(/^The PostgreSQL user is not known/);
});
