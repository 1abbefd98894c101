import { afterEach, beforeEach, expect, test } from 'vitest';
import { forEachEngine } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';
import { type AppsSite, createAppsSite, days, now, secretKey } from './site.js';

const key = 'd4c6a861c2d71f3d0f74d6cad1da4ba697f54132';
const env = { SECRET_KEY: secretKey };

forEachEngine((engine) => {
  let db: AppsSite;
  const run = (args: readonly string[]) => manage(args, { db, env, now });
  beforeEach(async () => {
    db = await createAppsSite(engine);
    await db.add('authtoken_token', { key, user_id: 1, created: days(-3) });
  });
  afterEach(() => db.drop());

  test('a token is among the credentials of its user alone, and is not shown', async () => {
    const { json, stdout } = await run(['credentials', 'alice', '--json']);
    expect(json.credentials.filter((each: { kind: string }) => each.kind === 'authtoken')).toEqual([
      {
        kind: 'authtoken',
        group: 'token',
        live: true,
        state: 'live',
        letsIn: true,
        expires: null,
        lastUsed: null,
        created: '2026-11-23T12:00:00+00:00',
        name: null,
        app: 'authtoken',
        table: 'authtoken_token',
      },
    ]);
    expect(stdout).not.toContain(key.slice(0, 8));
    const others = await run(['credentials', 'bob', '--json']);
    expect(others.json.credentials.map((each: { kind: string }) => each.kind)).toEqual(['password']);
  });

  test('dumpdata knows it, and leaves it out of an anonymised fixture, introspected or not', async () => {
    const { json } = await run(['dumpdata', 'authtoken']);
    expect(json).toEqual([{ model: 'authtoken.token', pk: key, fields: { user: 1, created: '2026-11-23T12:00:00Z' } }]);
    for (const more of [[], ['--introspect']]) {
      const { stdout } = await run(['dumpdata', '--anonymize', ...more]);
      expect(stdout).toContain('auth.user');
      expect(stdout).not.toContain(key);
    }
  });

  test('an unknown version is said, and left alone', async () => {
    await db.query('ALTER TABLE authtoken_token ADD COLUMN scope varchar(20)');
    const { json, stderr } = await run(['credentials', 'alice', '--json']);
    expect(json.credentials).toHaveLength(1);
    expect(json.unknown).toEqual([
      {
        app: 'authtoken',
        package: 'djangorestframework',
        table: 'authtoken_token',
        reason:
          "The table authtoken_token has the column 'scope', as in no version of djangorestframework that is known.",
      },
    ]);
    expect(stderr).toContain("The app 'authtoken' was left alone");
  });
});
