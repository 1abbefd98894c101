import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createUser } from '../../src/auth/accounts/users.js';
import { makePassword } from '../../src/auth/passwords/hashers.js';
import type { Settings } from '../../src/settings/settings.js';
import { type AuthServer, type OpenAuthOptions, openAuth } from '../../src/web/server.js';
import { Session } from '../../src/web/session.js';
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
  writeFileSync(join(cwd, 'manage.config.json'), JSON.stringify({ passwordIterations: 1, ...settings }));
  const driver = process.env.MANAGE_SQLITE_DRIVER;
  const auth = await openAuth({
    cwd,
    env: { DATABASE_URL: db.url, SECRET_KEY: secretKey, ...(driver ? { MANAGE_SQLITE_DRIVER: driver } : {}), ...env },
    ...options,
  });
  onTestFinished(() => auth.close());
  return auth;
}

/**
 * Reads sessions of several users at once, and of nobody: each finds what it would find alone. `switched` and `gone` are keys of
 * users too; that of `gone` is of nobody any more.
 */
export async function expectReadsTogether(
  auth: AuthServer,
  users: readonly [string, string],
  gone: string,
): Promise<void> {
  const open = async (user: string, seconds = 60) => {
    const session = new Session(auth.sessions, null, undefined);
    session.set('_auth_user_id', user);
    session.setExpiry(seconds);
    await session.save();
    return session;
  };
  const [first, second, nobody, over, switched] = await Promise.all([
    open(users[0]),
    open(users[1]),
    open(gone),
    open(users[0]),
    open(users[0]),
  ]);
  const load = async ({ key }: { readonly key: string | null }) => {
    const found = await auth.loadSession(key ?? '', auth.sessions.now());
    return found && [found.members.get('_auth_user_id'), found.userKey, found.user?.pk && String(found.user.pk)];
  };
  // Whose they are is known once they have been read.
  for (const each of [first, second, nobody, over, switched]) await load(each);
  over.setExpiry(-60);
  switched.set('_auth_user_id', users[1]);
  await Promise.all([over.save(), switched.save()]);
  const [one, two] = users;
  expect(
    await Promise.all(
      [first, second, first, nobody, over, switched, { key: 'z'.repeat(32) }, { key: 'é\0"{}' }].map(load),
    ),
  ).toEqual([
    [one, one, one],
    [two, two, two],
    [one, one, one],
    [gone, gone, undefined],
    undefined,
    [two, one, one],
    undefined,
    undefined,
  ]);
  const [, copy] = await Promise.all([first, first].map(({ key }) => auth.loadSession(key ?? '', auth.sessions.now())));
  expect(copy?.user).toMatchObject({ pk: expect.anything(), isAuthenticated: true });
}
