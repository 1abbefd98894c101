import { afterEach, beforeEach, expect, test } from 'vitest';
import { mayHold } from '../../src/apps/find.js';
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
        holds: [{ kind: 'authtoken', group: 'token' }],
        parts: [],
      },
    ]);
    expect(stderr).toContain("The app 'authtoken' was left alone");
    expect(mayHold(json.unknown, {})).toEqual(json.unknown);
    expect(mayHold(json.unknown, { kinds: [] })).toEqual([]);
  });

  test('what an unknown version still lets in is no success', async () => {
    await db.query('ALTER TABLE authtoken_token ADD COLUMN scope varchar(20)');
    const left = "Not everything has ended: what the app 'authtoken' holds may still let in.";
    const ended = async (...args: string[]) => {
      const { exitCode, stderr, json } = await run([...args, '--json']);
      return [exitCode, stderr.includes(left), json.unknown.map(({ app }: { app: string }) => app)];
    };
    expect(await ended('revoketokens', 'alice', '--no-input')).toEqual([1, true, ['authtoken']]);
    expect(await ended('revoketokens', '--kind', 'api_key', '--no-input')).toEqual([0, false, []]);
    const kind = await run(['revoketokens', '--kind', 'authtoken', '--no-input']);
    expect(kind.stderr).toContain("The tokens of the kind 'authtoken' cannot be read. The table authtoken_token has");
    const listed = await run(['listtokens']);
    expect([listed.exitCode, listed.stderr]).toEqual([0, expect.stringContaining("'authtoken' was left alone")]);
    expect(await ended('revokesessions', 'alice', '--no-input', '--all-credentials')).toEqual([1, true, ['authtoken']]);
    expect(await ended('revokesessions', 'alice', '--no-input')).toEqual([0, false, ['authtoken']]);
    expect(await ended('changepassword', 'alice', '--unusable', '--all-credentials')).toEqual([1, true, ['authtoken']]);
    expect(await ended('deactivateuser', 'alice', '--all-credentials')).toEqual([1, true, ['authtoken']]);
    expect(await ended('offboard', 'bob', '--dry-run')).toEqual([0, false, ['authtoken']]);
    expect(await ended('offboard', 'bob', '--no-input')).toEqual([1, true, ['authtoken']]);
    expect(await db.count('auth_user', engine === 'sqlite' ? 'is_active = 1' : 'is_active')).toBe(0);
    expect(await ended('reset2fa', 'alice')).toEqual([0, false, []]);
  });

  test('each command looks at unknown versions of what it is about', async () => {
    for (const table of ['otp_totp_totpdevice', 'axes_accessattempt', 'guardian_userobjectpermission']) {
      await db.query(`ALTER TABLE ${table} ADD COLUMN stranger integer`);
    }
    const results = [];
    for (const line of [
      'reset2fa alice',
      'list2fa',
      'unlockuser alice',
      'listlockouts',
      'prune',
      'prune --only guardian',
      'prune --only sessions',
    ]) {
      const { exitCode, stderr } = await run(line.split(' '));
      results.push([line, exitCode, [...stderr.matchAll(/The (?:app|part) '(\w+)'/g)].map(([, name]) => name)]);
    }
    expect(results).toEqual([
      ['reset2fa alice', 1, ['otp_totp']],
      ['list2fa', 0, ['otp_totp']],
      ['unlockuser alice', 1, ['axes']],
      ['listlockouts', 0, ['axes']],
      ['prune', 0, ['axes', 'guardian']],
      ['prune --only guardian', 1, ['guardian']],
      ['prune --only sessions', 0, []],
    ]);
  });
});
