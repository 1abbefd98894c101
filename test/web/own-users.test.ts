import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { authenticate, login } from '../../src/web/login.js';
import { withAuth } from '../../src/web/node.js';
import { openAuth } from '../../src/web/server.js';
import { signUp } from '../../src/web/sign-up.js';
import { jar } from '../helpers/browser.js';
import { createDatabase, forEachEngine } from '../helpers/databases.js';
import { secretKey } from '../helpers/example-server.js';
import { manage } from '../helpers/manage.js';
import { expectReadsTogether, password } from './site.js';

const config = join(import.meta.dirname, '../../examples/members/manage.config.ts');
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

it('says what to do about a database that is not there', async () => {
  const env = { SECRET_KEY: secretKey, DATABASE_URL: 'sqlite:////nowhere/none.sqlite3' };
  await expect(openAuth({ config, env })).rejects.toMatchObject({ code: 'missing_folder' });
  const missing = openAuth({ config, env: { ...env, DATABASE_URL: `sqlite:///${tmpdir()}/none-of-these.sqlite3` } });
  await expect(missing).rejects.toMatchObject({
    code: 'missing_database',
    hint: expect.stringContaining('`create: true`'),
  });
});

forEachEngine((engine) => {
  it('knows users of a model of their own, by their address and with a UUID for a key', async () => {
    const db = await createDatabase(engine);
    onTestFinished(() => db.drop());
    const env = { SECRET_KEY: secretKey };
    expect((await manage(['migrate', '-v0', '--config', config], { db, env })).exitCode).toBe(0);
    const driver = process.env.MANAGE_SQLITE_DRIVER;
    const auth = await openAuth({
      config,
      env: { ...env, DATABASE_URL: db.url, ...(driver ? { MANAGE_SQLITE_DRIVER: driver } : {}) },
    });
    onTestFinished(() => auth.close());
    const server = createServer(
      withAuth(auth, async (request, response) => {
        const credentials = new URL(request.url ?? '/', 'http://here').searchParams;
        if (credentials.size > 0) {
          const found = await authenticate(request, Object.fromEntries(credentials));
          if (found !== undefined) await login(request, found);
        }
        const { user, session } = request;
        response.end(
          JSON.stringify({
            user,
            name: String(user),
            may: await user.hasPerm('members.view_member'),
            id: session.get('_auth_user_id') ?? null,
          }),
        );
      }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

    expect((await signUp(auth, { email: 'ada', full_name: '', password: '1' })).errors).toEqual({
      email: ['Enter a valid email address.'],
      full_name: ['This field is required.'],
      password: expect.arrayContaining(['This password is too common.']),
    });
    const { user: made } = await signUp(auth, { email: 'Ada@Example.ORG', full_name: 'Ada Lovelace', password });
    expect(made).toMatchObject({
      pk: expect.stringMatching(uuid),
      username: 'Ada@example.org',
      full_name: 'Ada Lovelace',
    });
    expect((await signUp(auth, { email: 'Ada@example.org', full_name: 'x', password })).errors).toHaveProperty('email');

    const visitor = jar();
    for (const [name, value] of [
      ['email', 'Ada@example.org'],
      ['username', 'Ada@example.org'],
    ] as const) {
      const query = new URLSearchParams({ [name]: value, password });
      const { json } = await visitor.fetch(`${url}?${query}`);
      expect(json).toMatchObject({ name: 'Ada@example.org', id: made?.pk, may: false });
      expect(json.user).toMatchObject({ email: 'Ada@example.org', isStaff: false, isSuperuser: false, isActive: true });
      expect(JSON.stringify(json)).not.toContain('pbkdf2');
    }
    expect((await visitor.fetch(url)).json.name).toBe('Ada@example.org');
    await db.query('UPDATE members_member SET is_superuser = ?', [engine === 'sqlite' ? 1 : true]);
    expect((await visitor.fetch(url)).json.may).toBe(true);
    const { user: other } = await signUp(auth, { email: 'grace@example.org', full_name: 'Grace Hopper', password });
    await expectReadsTogether(auth, [String(made?.pk), String(other?.pk)], '00000000-0000-4000-8000-000000000000');
    // Keys that are no UUID are nobody's.
    for (const key of ['1', 'x'.repeat(32), `${made?.pk}`.toUpperCase()]) {
      expect(await auth.rights.context.findUserByKey(key)).toBeUndefined();
    }
    await db.query('UPDATE members_member SET is_active = ?', [engine === 'sqlite' ? 0 : false]);
    expect((await visitor.fetch(url)).json).toMatchObject({ name: 'AnonymousUser', may: false });
  });
});
