import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeToken, verifyToken } from '../../src/tokens/token.js';
import { type AppsSite, createAppsSite, days, now, secretKey } from '../apps/site.js';
import { forEachEngine } from '../helpers/databases.js';
import { manage, runManage, temporaryFolder } from '../helpers/manage.js';

const env = { SECRET_KEY: secretKey };
const keys = { algorithm: 'HS256', keys: secretKey } as const;

forEachEngine((engine) => {
  let db: AppsSite;
  const run = (args: readonly string[], options: object = {}) => manage(args, { db, env, now, ...options });
  beforeEach(async () => {
    db = await createAppsSite(engine);
  });
  afterEach(() => db.drop());

  test('createtoken prints an access token that decode_token accepts, and keeps no row', async () => {
    const { stdout, exitCode } = await run(['createtoken', 'alice', '--claim', 'role=admin', '--claim', 'level=3']);
    expect(exitCode).toBe(0);
    expect(await verifyToken(stdout.trim(), { ...keys, now })).toMatchObject({ user_id: '1', role: 'admin', level: 3 });
    expect(await db.count('token_blacklist_outstandingtoken')).toBe(0);
    const decoded = await run(['decode_token', '-', '--json'], { stdin: `Bearer ${stdout}` });
    expect(decoded.json).toMatchObject({
      kind: 'jwt',
      accepted: true,
      reasons: [],
      user: { pk: 1, id: '1', username: 'alice' },
      expires: '2026-11-26T12:05:00+00:00',
      keyIndex: 0,
    });
  });

  test('claims are what was given, or are refused', async () => {
    const { stdout } = await run([
      'createtoken',
      'alice',
      '--claim',
      'n="12345678901234567890"',
      '--claim',
      '__proto__=1',
    ]);
    expect(Object.entries(decodeToken(stdout.trim()).payload).slice(-2)).toEqual([
      ['n', '12345678901234567890'],
      ['__proto__', 1],
    ]);
    for (const [said, ...claims] of [
      ['cannot be kept', 'n=12345678901234567890'],
      ['cannot be kept', 'n=1e400'],
      ['cannot be kept', 'n={"a":[9007199254740993]}'],
      ['given twice', 'a=1', 'a=2'],
    ]) {
      const refused = await run(['createtoken', 'alice', ...claims.flatMap((claim) => ['--claim', claim])]);
      expect([refused.exitCode, refused.stdout]).toEqual([2, '']);
      expect(refused.stderr).toContain(said);
    }
  });

  test('a refresh token is entered as handed out, and no longer accepted on the blacklist', async () => {
    const { json } = await run(['createtoken', 'alice', '--type', 'refresh', '--age', '60', '--json']);
    expect(json).toMatchObject({
      kind: 'jwt',
      expires: '2026-11-26T12:01:00+00:00',
      user: { pk: 1, id: '1', username: 'alice' },
    });
    const [row] = await db.query('SELECT * FROM token_blacklist_outstandingtoken');
    expect(row).toMatchObject({ user_id: 1, jti: decodeToken(json.token).payload.jti, token: json.token });
    await db.add('token_blacklist_blacklistedtoken', { token_id: Number(row?.id), blacklisted_at: days(0) });
    const decoded = await run(['decode_token', json.token, '--json']);
    expect(decoded.json).toMatchObject({ accepted: false, reasons: ['It is on the blacklist.'] });
  });

  test('decode_token says why a token is refused', async () => {
    const { stdout } = await run(['createtoken', 'alice']);
    const token = stdout.trim();
    const reasons = async (options: object = {}, more: readonly string[] = []) =>
      (await run(['decode_token', token, '--json', ...more], options)).json;
    expect(await reasons({ now: '2026-11-26T12:05:00Z' })).toMatchObject({
      accepted: false,
      reasons: ['The token has expired.'],
      keyIndex: 0,
    });
    expect(await reasons({ env: { SECRET_KEY: `${secretKey}x` } })).toMatchObject({
      accepted: false,
      reasons: ['The token is signed with none of the keys.'],
      keyIndex: null,
    });
    expect(await reasons({ env: {} })).toMatchObject({
      accepted: null,
      reasons: ['There is no key to verify it with.'],
    });
    expect(await reasons({}, ['--offline'])).toMatchObject({ accepted: null, user: { id: '1', username: null } });
    await db.query("UPDATE auth_user SET is_active = (1 = 0) WHERE username = 'alice'");
    expect(await reasons()).toMatchObject({ accepted: false, reasons: ['Its user, alice, is not active.'] });
    const { stderr, exitCode } = await run(['createtoken', 'alice']);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('is not active')]);
  });

  test('a token of REST framework is replaced on request only, and never shown again', async () => {
    const first = await run(['createtoken', 'alice', '--kind', 'authtoken']);
    expect(first.stdout).toMatch(/^[0-9a-f]{40}\n$/);
    const second = await run(['createtoken', 'alice', '--kind', 'authtoken', '--json']);
    expect([second.exitCode, JSON.parse(second.stderr).error.code]).toEqual([1, 'token_exists']);
    expect(second.stderr).not.toContain(first.stdout.trim());
    const third = await run(['createtoken', 'alice', '--kind', 'authtoken', '--replace', '--json']);
    expect(await db.query('SELECT "key", user_id FROM authtoken_token')).toEqual([
      { key: third.json.token, user_id: 1 },
    ]);
    const decoded = await run(['decode_token', third.json.token, '--json']);
    expect(decoded.json).toMatchObject({
      kind: 'authtoken',
      accepted: true,
      user: { username: 'alice' },
      expires: null,
    });
    const gone = await run(['decode_token', first.stdout.trim(), '--json']);
    expect(JSON.parse(gone.stderr).error.code).toBe('token_unknown');
    expect(gone.stderr).not.toContain(first.stdout.trim());
  });
});

describe('keys', () => {
  test.each(['RS256', 'ES256', 'EdDSA'])('a pair of generatekeys for %s signs and verifies', async (alg) => {
    const folder = temporaryFolder();
    const { json } = await manage(['generatekeys', '--alg', alg, '--output', 'keys', '--json'], { cwd: folder });
    const [secret, open, list] = json.files as [string, string, string];
    expect(secret).toBe(join(folder, 'keys', `${json.kid}.private.pem`));
    expect(statSync(secret).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(json)).not.toContain('PRIVATE');
    const db = await createAppsSite('sqlite');
    const config = { tokens: { algorithm: alg, keys: [{ kid: json.kid, file: `keys/${json.kid}.private.pem` }] } };
    const { stdout } = await manage(['createtoken', 'alice'], { db, cwd: folder, config, now });
    await db.drop();
    expect(decodeToken(stdout.trim()).header).toEqual({ alg, kid: json.kid, typ: 'JWT' });
    const published = JSON.parse(readFileSync(list, 'utf8'));
    for (const ring of [readFileSync(open, 'utf8'), published.keys]) {
      expect(await verifyToken(stdout.trim(), { algorithm: alg as 'RS256', keys: ring, now })).toMatchObject({
        user_id: '1',
      });
    }
    // As it is built: functions of node:crypto that are called late must still be those that `promisify` knows.
    const second = await runManage(['generatekeys', '--alg', alg, '--output', 'keys', '--json'], { cwd: folder });
    const kids = JSON.parse(readFileSync(list, 'utf8')).keys.map(({ kid }: { kid: string }) => kid);
    expect(kids).toEqual([second.json.kid, json.kid]);
    expect(existsSync(secret)).toBe(true);
  });

  test('generatekeys refuses a length for keys that have one', async () => {
    for (const alg of ['ES256', 'EdDSA']) {
      const { exitCode, stdout, stderr } = await manage(['generatekeys', '--alg', alg, '--bits', '4096']);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toContain(`--bits is for RSA keys: those for ${alg} have one length.`);
    }
  });

  test('generate_secret_key makes what Django makes', async () => {
    const [first, second] = [await manage(['generate_secret_key']), await manage(['generate_secret_key', '--json'])];
    expect(first.stdout).toMatch(/^[a-z0-9!@#$%^&*(\-_=+)]{50}\n$/);
    expect(second.json.secretKey).not.toBe(first.stdout.trim());
    expect((await manage(['generate_secret_key', '--plain'])).stdout).toMatch(/^[\w-]{50}\n$/);
  });
});
