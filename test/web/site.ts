import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createUser } from '../../src/auth/accounts/users.js';
import { makePassword } from '../../src/auth/passwords/hashers.js';
import type { Settings } from '../../src/settings/settings.js';
import { type AuthServer, type OpenAuthOptions, openAuth } from '../../src/web/server.js';
import type { TestDatabase } from '../helpers/databases.js';
import { secretKey } from '../helpers/example-server.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

export const password = 'Kaltes-Wasser-7';

/** Makes the tables, and users by name with what they have besides their password; hashes cost nothing. */
export async function fillSite(
  db: Pick<TestDatabase, 'url'>,
  users: Readonly<Record<string, object>> = { ada: {} },
): Promise<void> {
  const { exitCode, stderr } = await manage(['migrate'], { db });
  if (exitCode !== 0) throw new Error(stderr);
  const auth = await openTestAuth(db);
  const encoded = await makePassword(password, { iterations: 1 });
  for (const [username, values] of Object.entries(users)) {
    await createUser(auth.pool.write, { values: { username, ...values }, password: encoded }, { now: new Date() });
  }
}

/** {@link openAuth} on a database of the tests; it is closed after the test. */
export async function openTestAuth(
  db: Pick<TestDatabase, 'url'>,
  { settings = {}, env = {}, ...options }: OpenAuthOptions & { readonly settings?: Settings } = {},
): Promise<AuthServer> {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'manage.config.json'), JSON.stringify(settings));
  const driver = process.env.MANAGE_SQLITE_DRIVER;
  const auth = await openAuth({
    cwd,
    env: { DATABASE_URL: db.url, SECRET_KEY: secretKey, ...(driver ? { MANAGE_SQLITE_DRIVER: driver } : {}), ...env },
    ...options,
  });
  onTestFinished(() => auth.close());
  return auth;
}
