import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { dumps } from '../../src/crypto/signing/signing.js';
import { cookieSalt, encodeSession } from '../../src/sessions/codec/codec.js';
import { forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';
import { addSessions, createSite, days, key, loginData, now, secretKey } from '../sessions/site.js';
import { readText, readVectors } from '../sessions/vectors.js';

const {
  valid,
  bad,
  from_the_sessions_article: article,
} = readVectors<{
  readonly valid: readonly { readonly encoded: string }[];
  readonly bad: readonly { readonly why: string; readonly encoded: string }[];
  readonly from_the_sessions_article: { readonly encoded: string };
}>('sessions.json');
const env = { SECRET_KEY: secretKey };
const count6 = valid[5]?.encoded ?? '';

/** Made with Python's hmac as Django 3.0 does (contrib/sessions/backends/base.py, core/signing.py). */
const legacySession = {
  secretKey: 'an old secret key of some length 0123456789',
  data: {
    _auth_user_id: '2',
    _auth_user_backend: 'django.contrib.auth.backends.ModelBackend',
    _auth_user_hash: '55a70ce5e881c40a2e411ffb9ffb9c7135d2cd00',
  },
  text: 'ZmUwN2E0ZTFjZTA3Y2Y0ZDkyNmIwYTY0NDJjOTEyY2E0MjViY2VlZjp7Il9hdXRoX3VzZXJfaWQiOiIyIiwiX2F1dGhfdXNlcl9iYWNrZW5kIjoiZGphbmdvLmNvbnRyaWIuYXV0aC5iYWNrZW5kcy5Nb2RlbEJhY2tlbmQiLCJfYXV0aF91c2VyX2hhc2giOiI1NWE3MGNlNWU4ODFjNDBhMmU0MTFmZmI5ZmZiOWM3MTM1ZDJjZDAwIn0=',
  cookie:
    'eyJfYXV0aF91c2VyX2lkIjoiMiIsIl9hdXRoX3VzZXJfYmFja2VuZCI6ImRqYW5nby5jb250cmliLmF1dGguYmFja2VuZHMuTW9kZWxCYWNrZW5kIiwiX2F1dGhfdXNlcl9oYXNoIjoiNTVhNzBjZTVlODgxYzQwYTJlNDExZmZiOWZmYjljNzEzNWQyY2QwMCJ9:1iXRsw:ILBeKz8IeqBiiEaHEvdu_1YhElo',
};

describe('data', () => {
  test('of a cookie of Django 3.0 is verified where the settings say so', async () => {
    const { secretKey: SECRET_KEY, cookie } = legacySession;
    const decode = (config: object) =>
      manage(['decode_session', cookie, '--json'], { env: { SECRET_KEY }, config, now: '2019-11-20T12:00:00Z' });
    expect((await decode({})).json).toMatchObject({
      verified: false,
      reasons: [
        'It is signed with SHA-1, as by Django 3.0 and older, which is verified with `session.legacySha1` alone.',
      ],
    });
    const { json } = await decode({ session: { legacySha1: true } });
    expect(json).toMatchObject({ storage: 'cookie', verified: true, keyIndex: 0, accepted: false });
    expect(json.reasons).toEqual(['It is signed with SHA-1, which Django does not accept since 4.0.']);
    expect(
      (
        await manage(['decode_session', cookie, '--json'], {
          env: { SECRET_KEY: 'x' },
          config: { session: { legacySha1: true } },
        })
      ).json.verified,
    ).toBe(false);
  });

  test('is shown with its signature, without a database', async () => {
    const cwd = temporaryFolder();
    const result = await manage(['decode_session', count6], { cwd, env, now: '2026-02-06T00:00:00Z' });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toBe(
      [
        'Format:    signed, json',
        'Signature: verified with the current key',
        'Signed:    2026-02-05T21:52:58+00:00',
        'Expires:   2026-02-19T21:52:58+00:00',
        'User:      anonymous',
        'Accepted:  yes',
        '{\n  "count": 6\n}\n',
      ].join('\n'),
    );
    expect(existsSync(join(cwd, 'db.sqlite3'))).toBe(false);
  });

  test('is shown where there is no key to verify it with', async () => {
    const { exitCode, json } = await manage(['decode_session', count6, '--json'], { now });
    expect(exitCode).toBe(0);
    expect(json).toEqual({
      key: null,
      format: 'signed',
      serializer: 'json',
      storage: null,
      verified: null,
      keyIndex: null,
      signedAt: '2026-02-05T21:52:58+00:00',
      expires: '2026-02-19T21:52:58+00:00',
      user: null,
      accepted: false,
      reasons: ['It has expired.'],
      data: { count: 6 },
    });
  });

  test('that says when it ends without an offset means the clocks of the time zone', async () => {
    const data = { _session_expiry: '2026-11-21T12:30:00.5' };
    const text = encodeSession(data, { secretKey, now: days(-1) });
    const config = { useTz: false, timeZone: 'Asia/Kathmandu' };
    // The machine's own zone is another one.
    vi.stubEnv('TZ', 'America/New_York');
    try {
      const { json } = await manage(['decode_session', text, '--json'], { env, now, config });
      expect(json).toMatchObject({ expires: '2026-11-21T06:45:00.500000+00:00', reasons: ['It has expired.'] });
      const inUtc = await manage(['decode_session', text, '--json'], { env, now });
      expect(inUtc.json).toMatchObject({ expires: '2026-11-21T12:30:00.500000+00:00', accepted: true });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test.each(['2b1189', 'garbage', 'Key_of_a_session'])('%s is told to be no key, without a database', async (text) => {
    const { exitCode, stderr } = await manage(['decode_session', text], { env });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('This is not a session key.\nA key has 32 to 40 lower-case letters and digits;');
  });

  test('with a wrong signature is shown too, and the status is 1', async () => {
    const { exitCode, stdout } = await manage(['decode_session', count6], { env: { SECRET_KEY: 'another' }, now });
    expect(exitCode).toBe(1);
    expect(stdout).toContain('Signature: WRONG: none of the keys has signed this');
    expect(stdout).toContain('"count": 6');
  });

  test('with a fallback key says which', async () => {
    const keys = { SECRET_KEY: 'new', SECRET_KEY_FALLBACKS: `other,${secretKey}` };
    const { exitCode, json } = await manage(['decode_session', count6, '--json'], { env: keys, now });
    expect({ exitCode, keyIndex: json.keyIndex }).toEqual({ exitCode: 0, keyIndex: 2 });
  });

  test('of the sessions article, with its line break', async () => {
    const { exitCode, json } = await manage(['decode_session', '--json', '-'], { stdin: article.encoded });
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({
      format: 'legacy',
      serializer: 'pickle',
      verified: null,
      accepted: false,
      data: { count: 6 },
    });
    expect(json.reasons[0]).toContain('Django 3.0 and older');
  });

  test.each([
    ['a cookie', `sessionid=${count6}`],
    ['a header', `Cookie: csrftoken=abc; sessionid=${count6}; theme=dark`],
    ['a header that sets it', `Set-Cookie: sessionid="${count6}"; HttpOnly; Path=/`],
    ['broken lines', `${count6.slice(0, 20)}\n  ${count6.slice(20)}\n`],
  ])('in %s', async (_name, text) => {
    for (const options of [{ args: [text] }, { args: ['-'], stdin: text }]) {
      const { args, ...rest } = options;
      const { json } = await manage(['decode_session', '--json', ...args], { env, ...rest });
      expect(json).toMatchObject({ verified: true, data: { count: 6 } });
    }
  });

  test('of a project that keeps sessions in cookies', async () => {
    const text = dumps({ a: 1 }, { key: secretKey, salt: cookieSalt, compress: true, now: days(-1) });
    const { json } = await manage(['decode_session', text, '--json'], { env, now });
    expect(json).toMatchObject({
      storage: 'cookie',
      verified: true,
      accepted: true,
      expires: '2026-12-04T12:00:00+00:00',
    });
  });

  test('with numbers that JSON of JavaScript has no room for', async () => {
    const text = dumps({ n: 2n ** 60n, x: Number.NaN }, { key: secretKey, salt: 'x' });
    const { json } = await manage(['decode_session', text, '--json']);
    expect(json.data).toEqual({ n: '1152921504606846976', x: 'NaN' });
  });

  test('cannot speak to the terminal', async () => {
    const text = dumps({ a: '\u001b[2J\u009b2J\u0007' }, { key: secretKey, salt: 'x' });
    const { stdout } = await manage(['decode_session', text]);
    expect(stdout).toMatch(/^[\n\x20-\x7e]*$/);
  });

  const garbage = bad.filter(({ why }) => !['signature changed', 'other key'].includes(why));
  test.each([
    ...garbage.map(({ why, encoded }) => [why, encoded] as const),
    ['zip bomb', readText('session_zip_bomb.txt')] as const,
    ['text', 'what is this?'] as const,
    ['NUL', '\0\0\0'] as const,
    ['emoji', '🍪🍪🍪'] as const,
  ])('that is none gives one sentence: %s', async (why, text) => {
    for (const options of [{ args: [text] }, { args: ['-'], stdin: text }]) {
      const { args, ...rest } = options;
      const { exitCode, stdout, stderr } = await manage(['decode_session', ...args], { env, ...rest });
      expect({ exitCode, stdout }, why).toEqual({ exitCode: 1, stdout: '' });
      expect(stderr).toMatch(/^CommandError: [^\n]+\.\n([^\n]+\.\n)?$/);
    }
  });

  test('in JSON, a failure leaves stdout empty', async () => {
    const { exitCode, stdout, stderr } = await manage(['decode_session', '--json', '@@@@'], { env });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(JSON.parse(stderr).error.code).toBe('bad_signature');
  });
});

forEachEngine((engine) => {
  const databases: TestDatabase[] = [];
  afterEach(async () => {
    for (const database of databases.splice(0)) await database.drop();
  });
  const site = async (...sessions: Parameters<typeof createSite>[1] & object) => {
    const database = await createSite(engine, sessions);
    databases.push(database);
    return database;
  };
  const decode = async (db: TestDatabase, name: string, ...more: string[]) =>
    manage(['decode_session', name, ...more], { db, env, now });

  test('nothing is said of the password where no key has signed the session', async () => {
    const db = await site();
    await addSessions(db, [{ key: key('aaaaaaaa1'), data: await loginData(db, 'user.01@+-_') }]);
    const wrong = { env: { SECRET_KEY: 'another' }, db, now };
    const { json } = await manage(['decode_session', 'aaaaaaaa', '--json'], wrong);
    expect(json).toMatchObject({ accepted: false, reasons: ['It is signed with none of the keys.'] });
  });

  test('what Django 3.0 wrote is bound to the password with SHA-1', async () => {
    const db = await site();
    const password = 'pbkdf2_sha256$180000$abc$def=';
    await db.query('UPDATE auth_user SET password = ? WHERE id = 2', [password]);
    await addSessions(db, [
      { key: key('legacy000') },
      { key: key('mixed0000'), data: legacySession.data, signedWith: legacySession.secretKey },
    ]);
    await db.query('UPDATE django_session SET session_data = ? WHERE session_key = ?', [
      legacySession.text,
      key('legacy000'),
    ]);
    const old = { env: { SECRET_KEY: legacySession.secretKey }, db, now };
    const reasonsOf = async (name: string) => (await manage(['decode_session', name, '--json'], old)).json.reasons;
    const format = 'It is in the format of Django 3.0 and older, which Django does not read since 4.0.';
    expect(await reasonsOf('legacy00')).toEqual([format]);
    expect(await reasonsOf('mixed000')).toEqual([
      'It is bound to the password with SHA-1, as by Django 3.0 and older, which none since 4.0 accepts.',
    ]);
    await db.query("UPDATE auth_user SET password = 'another' WHERE id = 2");
    expect(await reasonsOf('legacy00')).toEqual([format, 'The password of user.01@+-_ has changed since the login.']);
  });

  test('a session in the database, by its key and by the start of it', async () => {
    const db = await site();
    const data = await loginData(db, 'user.01@+-_');
    await addSessions(db, [{ key: key('aaaaaaaa1'), data: { ...data, n: 1 } }, { key: key('aaaaaaab') }]);
    for (const name of [key('aaaaaaaa1'), 'aaaaaaaa', `sessionid=${key('aaaaaaaa1')}`]) {
      const { exitCode, json } = await decode(db, name, '--json');
      expect(exitCode).toBe(0);
      expect(json).toEqual({
        key: 'aaaaaaaa',
        format: 'signed',
        serializer: 'json',
        storage: 'database',
        verified: true,
        keyIndex: 0,
        signedAt: '2026-11-20T12:00:00+00:00',
        expires: '2026-12-04T12:00:00+00:00',
        user: { pk: 2, id: '2', username: 'user.01@+-_' },
        accepted: true,
        reasons: [],
        data: { ...data, n: 1 },
      });
    }
    const { stdout } = await decode(db, 'aaaaaaaa');
    expect(stdout).toContain('Session:   aaaaaaaa…\n');
    expect(stdout).toContain('User:      user.01@+-_ (2)\n');
    expect(stdout).not.toContain(key('aaaaaaaa1'));
  });

  test('says why Django would not accept it', async () => {
    const db = await site();
    const active = await loginData(db, 'user.01@+-_');
    await db.query("UPDATE auth_user SET username = 'gone', is_active = ? WHERE id = 1", [
      engine === 'postgres' ? false : 0,
    ]);
    const inactive = await loginData(db, 'gone');
    const cases = {
      expired00: { data: active, expires: days(0) },
      inactive0: { data: inactive },
      nobody000: { data: { ...active, _auth_user_id: '999' } },
      nonsense0: { data: { ...active, _auth_user_id: 'x; DROP' } },
      overflow0: { data: { ...active, _auth_user_id: '99999999999999999999' } },
      password0: { data: { ...active, _auth_user_hash: 'f'.repeat(64) } },
      unbound00: { data: { _auth_user_id: '2', _auth_user_backend: 'x' } },
      backend00: { data: { ...active, _auth_user_backend: null } },
      otherkey0: { data: active, signedWith: 'other' },
    };
    await addSessions(
      db,
      Object.entries(cases).map(([start, session]) => ({ key: key(start), ...session })),
    );
    const reasons: Record<string, string[]> = {};
    for (const start of Object.keys(cases)) {
      const { json } = await decode(db, start, '--json');
      expect(json.accepted).toBe(false);
      reasons[start] = json.reasons;
    }
    expect(reasons).toEqual({
      expired00: ['It has expired.'],
      inactive0: ['Its user, gone, is not active.'],
      nobody000: ['Its user, 999, does not exist.'],
      nonsense0: ['Its user, x; DROP, does not exist.'],
      overflow0: ['Its user, 99999999999999999999, does not exist.'],
      password0: ['The password of user.01@+-_ has changed since the login.'],
      unbound00: ['It is not bound to the password of its user.'],
      backend00: ['It does not say how its user has logged in.'],
      otherkey0: ['It is signed with none of the keys.'],
    });
  });

  test('a key that is not there, one of several, and a database that is not there', async () => {
    const db = await site({ key: key('aaaaaaaa1') }, { key: key('aaaaaaaa2') });
    const missing = await decode(db, 'bbbbbbbb');
    expect(missing).toMatchObject({ exitCode: 1, stdout: '' });
    expect(missing.stderr).toContain("There is no session whose key begins with 'bbbbbbbb'.");
    expect((await decode(db, 'aaaaaaaa')).stderr).toContain('There are several sessions');
    expect((await decode(db, 'aaaaaaaa2')).exitCode).toBe(0);
    const nowhere = await manage(['decode_session', key('aaaaaaaa1')], { env });
    expect(nowhere.exitCode).toBe(1);
    expect(nowhere.stderr).toContain('does not exist');
  });

  test('print_user_for_session', async () => {
    const db = await site();
    const data = await loginData(db, 'user.01@+-_');
    await addSessions(db, [
      { key: key('aaaaaaaa'), data },
      { key: key('bbbbbbbb') },
      { key: key('cccccccc'), data: { ...data, _auth_user_id: '999' } },
      { key: key('dddddddd'), data, signedWith: 'other' },
    ]);
    const print = (name: string) => manage(['print_user_for_session', name], { db, env, now });
    await addSessions(db, [
      { key: key('ffffffff'), data, expires: days(-1) },
      { key: key('gggggggg'), data: { ...data, _auth_user_hash: 'f'.repeat(64) } },
      { key: key('hhhhhhhh'), expires: days(-1) },
    ]);
    const warnings = {
      aaaaaaaa: '',
      ffffffff: 'It has expired.\n',
      gggggggg: 'The password of user.01@+-_ has changed since the login.\n',
    };
    for (const [name, stderr] of Object.entries(warnings)) {
      const { exitCode, stdout, ...rest } = await print(name);
      expect({ name, exitCode, stderr: rest.stderr }).toEqual({ name, exitCode: 0, stderr });
      expect(stdout).toContain('username: user.01@+-_');
    }
    expect(await print('hhhhhhhh')).toMatchObject({ exitCode: 0, stderr: 'It has expired.\n' });
    const keyless = await manage(['print_user_for_session', 'aaaaaaaa'], { db, now });
    expect(keyless).toMatchObject({ exitCode: 0, stderr: 'There is no secret key to verify it with.\n' });
    const found = await print('aaaaaaaa');
    expect(found.exitCode).toBe(0);
    expect(found.stdout).toMatch(/^id: 2\nusername: user\.01@\+-_\nemail: .*\nfirst_name: .*\nlast_name: .*\n$/s);
    expect(await print('bbbbbbbb')).toMatchObject({
      exitCode: 0,
      stdout: 'The session is anonymous.\n',
    });
    const gone = await print('cccccccc');
    expect(gone).toMatchObject({ exitCode: 1, stdout: '' });
    expect(gone.stderr).toContain('The account has been deleted since the login');
    expect(await print('dddddddd')).toMatchObject({ exitCode: 1, stdout: '' });
    expect((await print('eeeeeeee')).stderr).toContain('There is no session');
  });
});
