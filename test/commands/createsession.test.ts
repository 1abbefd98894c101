import { afterEach, expect, test } from 'vitest';
import { forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';
import { createSite, keysOf, loginData, now, secretKey } from '../sessions/site.js';

const env = { SECRET_KEY: secretKey };

forEachEngine((engine) => {
  const databases: TestDatabase[] = [];
  afterEach(async () => {
    for (const database of databases.splice(0)) await database.drop();
  });
  const site = async () => {
    const db = await createSite(engine);
    databases.push(db);
    await db.query("UPDATE auth_user SET username = 'alice' WHERE id = 2");
    return db;
  };

  test('makes a session that Django would accept, and prints its cookie', async () => {
    const db = await site();
    const { exitCode, stdout, stderr } = await manage(['createsession', 'alice'], { db, env, now });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^sessionid=[a-z0-9]{32}\n$/);
    const { json } = await manage(['decode_session', stdout.trim(), '--json'], { db, env, now });
    expect(json).toMatchObject({
      verified: true,
      keyIndex: 0,
      accepted: true,
      signedAt: '2026-11-21T12:00:00+00:00',
      expires: '2026-12-05T12:00:00+00:00',
      user: { pk: 2, id: '2', username: 'alice' },
      data: await loginData(db, 'alice'),
    });
  });

  if (engine === 'sqlite') {
    test('knows keys that have more bits than their field', async () => {
      const db = await site();
      await db.query("UPDATE auth_user SET id = 3000000000 WHERE username = 'alice'");
      const { stdout } = await manage(['createsession', 'alice'], { db, env, now });
      const { json } = await manage(['decode_session', stdout.trim(), '--json'], { db, env, now });
      expect(json).toMatchObject({ accepted: true, user: { pk: 3_000_000_000, username: 'alice' } });
      const shown = await manage(['showuser', '3000000000', '--by', 'pk', '--json'], { db, env });
      expect(shown.json.username).toBe('alice');
    });
  }

  test('takes an age, a backend, and the name of the cookie from the settings', async () => {
    const db = await site();
    const config = { session: { cookieName: 'auth', cookieAge: 60 } };
    const first = await manage(['createsession', 'alice', '--json'], { db, env, now, config });
    expect(first.json).toEqual({
      cookieName: 'auth',
      key: expect.stringMatching(/^[a-z0-9]{32}$/),
      expires: '2026-11-21T12:01:00+00:00',
      user: { pk: 2, id: '2', username: 'alice' },
    });
    const args = ['createsession', 'alice', '--age', '3600', '--backend', 'mysite.Backend'];
    const { stdout } = await manage(args, { db, env, now, config });
    const { json } = await manage(['decode_session', stdout.trim(), '--json'], { db, env, now, config });
    expect(json).toMatchObject({
      expires: '2026-11-21T13:00:00+00:00',
      data: { _session_expiry: 3600, _auth_user_backend: 'mysite.Backend' },
    });
  });

  test.each([
    ['an inactive user', ['inactive'], env, 1, 'is not active'],
    ['nobody', ['bob'], env, 1, "user 'bob' does not exist"],
    ['no secret key', ['alice'], {}, 1, 'Set SECRET_KEY'],
    ['no age', ['alice', '--age', '0'], env, 2, '--age'],
    ['no name', [], env, 2, 'required: user'],
  ])('is refused with %s', async (_name, args, environment, exitCode, message) => {
    const db = await site();
    await db.query("UPDATE auth_user SET username = 'inactive', is_active = ? WHERE id = 1", [
      engine === 'postgres' ? false : 0,
    ]);
    const result = await manage(['createsession', ...args], { db, env: environment, now });
    expect({ exitCode: result.exitCode, stdout: result.stdout }).toEqual({ exitCode, stdout: '' });
    expect(result.stderr).toContain(message);
    expect(await keysOf(db)).toEqual([]);
  });

  test('on a protected database only where that is allowed by name', async () => {
    const db = await site();
    const config = { databases: { default: { url: db.url, protected: true } } };
    const refused = await manage(['createsession', 'alice'], { config, env, now });
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('--allow-protected default');
    const allowed = await manage(['createsession', 'alice', '--allow-protected', 'default'], { config, env, now });
    expect(allowed.exitCode).toBe(0);
    expect((await keysOf(db)).length).toBe(1);
  });
});
