import { afterEach, beforeEach, expect, test } from 'vitest';
import { createJwt } from '../../src/apps/create.js';
import { defineCredentials } from '../../src/apps/define.js';
import { deleteUser, previewDeletion } from '../../src/apps/delete-user.js';
import { blacklistToken, refreshTokens } from '../../src/apps/refresh.js';
import { revokeTokens } from '../../src/apps/tokens.js';
import { connect } from '../../src/db/connect/connect.js';
import type { Connection } from '../../src/db/connect/connection.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import { findSessionUser } from '../../src/sessions/store/users.js';
import { decodeToken, verifyToken } from '../../src/tokens/token.js';
import { forEachEngine, sqliteDriver } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';
import { addSessions } from '../sessions/site.js';
import { sessionKey } from './app-facts.js';
import { allOf, createFilledSite } from './holdings.js';
import { type AppsSite, now, secretKey } from './site.js';

const env = { SECRET_KEY: secretKey };

forEachEngine((engine) => {
  let db: AppsSite;
  const run = (args: readonly string[], options: object = {}) => manage(args, { db, env, now, ...options });
  beforeEach(async () => {
    db = await createFilledSite(engine);
  });
  afterEach(() => db.drop());

  test('listtokens shows whose tokens there are, and no token', async () => {
    const { json, stdout } = await run(['listtokens', '--live', '--json']);
    const shown = json.tokens.map(
      ({ kind, user }: { kind: string; user: { username: string } | null }) => `${user?.username ?? 'nobody'} ${kind}`,
    );
    expect(shown.toSorted()).toEqual(
      ['authtoken', 'jwt', 'knox', 'oauth2_access', 'oauth2_refresh']
        .flatMap((kind) => [`alice ${kind}`, `bob ${kind}`])
        .concat('nobody api_key')
        .toSorted(),
    );
    const table = await run(['listtokens', '--user', 'alice', '--kind', 'jwt']);
    expect(table.stdout.split('\n').filter(Boolean)).toHaveLength(4);
    for (const text of [stdout, table.stdout]) expect(text).not.toContain('secret');
    const wrong = await run(['listtokens', '--kind', 'authtokn', '--json']);
    expect(JSON.parse(wrong.stderr).error).toMatchObject({ code: 'unknown_kind', hint: 'Did you mean authtoken?' });
  });

  test('revoketokens ends those that are meant, and says first how many', async () => {
    const plan = await run(['revoketokens', '--user', 'alice', '--dry-run', '--json']);
    const before = await db.contents();
    const { json } = await run(['revoketokens', '--user', 'alice', '--no-input', '--json']);
    expect(json.ended).toEqual(plan.json.ended);
    expect(json.ended.map(({ kind, count }: { kind: string; count: number }) => `${count} ${kind}`).toSorted()).toEqual(
      allOf('ended').filter((each) => !each.endsWith(' session')),
    );
    const after = await db.contents();
    expect(after.auth_user).toEqual(before.auth_user);
    expect(await db.count('token_blacklist_outstandingtoken')).toBe(6);
    const byName = await run(['revoketokens', '--jti', 'live2', '--no-input', '--json']);
    expect(byName.json.ended).toMatchObject([{ kind: 'jwt', count: 1 }]);
    const all = await run(['revoketokens', '--all', '--no-input', '--json']);
    expect(all.json.ended).toContainEqual(expect.objectContaining({ kind: 'api_key', count: 1 }));
    expect(await db.count('authtoken_token')).toBe(0);
    const none = await run(['revoketokens', '--json']);
    expect([none.exitCode, JSON.parse(none.stderr).error.code]).toEqual([2, 'no_selector']);
  });

  test('list2fa tells who is protected, and codes for emergencies protect nobody', async () => {
    const devices = ['otp_totp_totpdevice', 'otp_hotp_hotpdevice', 'two_factor_phonedevice'];
    for (const table of [...devices, 'two_factor_webauthn_webauthndevice']) {
      await db.query(`DELETE FROM ${table} WHERE user_id = 1`);
    }
    await db.query("DELETE FROM mfa_authenticator WHERE user_id = 1 AND type <> 'recovery_codes'");
    const { json } = await run(['list2fa', '--json']);
    expect(json.users.map((user: { username: string; protected: boolean }) => [user.username, user.protected])).toEqual(
      [
        ['alice', false],
        ['bob', true],
      ],
    );
    const without = await run(['list2fa', '--without', '--active', '--json']);
    expect(without.json.users.map(({ username }: { username: string }) => username)).toEqual(['alice']);
    expect((await run(['list2fa', '--without', '--staff', '--json'])).json.users).toEqual([]);
  });

  test('reset2fa removes devices from every table, and ends the sessions that they verified', async () => {
    const data = { _auth_user_id: '1', _auth_user_backend: 'x', _auth_user_hash: 'y' };
    await addSessions(db, [
      {
        key: sessionKey(1),
        data: { ...data, otp_device_id: 'otp_totp.totpdevice/10' },
        signedWith: secretKey,
        expires: new Date('2026-12-01'),
      },
      { key: sessionKey(3), data, signedWith: secretKey, expires: new Date('2026-12-01') },
    ]);
    const plan = await run(['reset2fa', 'alice', '--dry-run', '--json']);
    const { json, stdout } = await run(['reset2fa', 'alice', '--issue-backup-code', '--json']);
    expect(
      json.removed.map(({ kind, count }: { kind: string; count: number }) => `${count} ${kind}`).toSorted(),
    ).toEqual(
      [
        'authenticator',
        'email',
        'hotp',
        'phone',
        'recovery_codes',
        'static',
        'totp',
        'totp',
        'webauthn',
        'webauthn',
      ].map((kind) => `1 ${kind}`),
    );
    expect(plan.json.removed).toEqual(json.removed);
    expect(json).toMatchObject({ username: 'alice', sessions: 1, backupCode: expect.stringMatching(/^[a-z2-7]{8}$/) });
    expect(stdout).not.toContain('secret');
    expect(await db.query('SELECT session_key FROM django_session')).toEqual([{ session_key: sessionKey(3) }]);
    const tokens = await db.query(
      'SELECT t.token FROM otp_static_statictoken t JOIN otp_static_staticdevice d ON d.id = t.device_id WHERE d.user_id = 1',
    );
    expect(tokens).toEqual([{ token: json.backupCode }]);
    expect(await db.count('otp_totp_totpdevice', 'user_id = 2')).toBe(1);
  });

  test('the library gives no credential to another account', async () => {
    const fields = {
      number: { type: 'CharField', maxLength: 20, primaryKey: true },
      user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE' },
    } as const;
    const app = { label: 'badges', models: { Badge: { fields } } };
    const apps = [defineCredentials({ package: 'our badges', app, secrets: { Badge: ['number'] } })];
    await db.query(
      'CREATE TABLE badges_badge (number varchar(20) PRIMARY KEY, user_id integer REFERENCES auth_user (id))',
    );
    await db.add('badges_badge', { number: 'secret', user_id: 1 });
    const connection = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
    const others = () => db.count('knox_authtoken', 'user_id = 2');
    const before = await others();
    try {
      const asked = { reassignTo: 2, apps, force: true } as const;
      const { tables } = await previewDeletion(connection, [1], asked);
      const shown = await run(['deleteuser', 'alice', '--reassign-to', 'bob', '--dry-run', '--json'], {
        config: { apps },
      });
      expect(tables.map(({ table: name, rows, action }) => ({ name, rows, action }))).toEqual(
        shown.json.tables.map(({ name, rows, action }: Record<string, unknown>) => ({ name, rows, action })),
      );
      const given = tables.filter(({ action }) => action === 'reassign').map(({ table }) => table);
      const gone = await deleteUser(connection, 1, asked);
      expect(gone.filter(({ action }) => action === 'reassign').map(({ table }) => table)).toEqual(given);
      expect(given).not.toContain('badges_badge');
      expect(gone.map(({ table }) => table)).toEqual(expect.arrayContaining(['authtoken_token', 'badges_badge']));
      expect([await others(), await db.count('badges_badge')]).toEqual([before, 0]);
    } finally {
      await connection.close();
    }
  });

  test('unlockuser removes what locks a person, by name and by the same address', async () => {
    const row = {
      user_agent: 'x',
      http_accept: '',
      path_info: '',
      attempt_time: '2026-11-26 11:00:00+00:00',
      get_data: '',
      post_data: '',
    };
    await db.query("DELETE FROM axes_accessattempt WHERE username = 'bob'");
    await db.add('axes_accessattempt', {
      ...row,
      username: 'ALICE@example.org',
      ip_address: '203.0.113.1',
      failures_since_start: 2,
    });
    await db.add('axes_accessattempt', {
      ...row,
      username: 'carol',
      ip_address: '198.51.100.9',
      failures_since_start: 9,
    });
    await db.add('axes_accessattempt', {
      ...row,
      username: 'carol',
      ip_address: '203.0.113.99',
      failures_since_start: 9,
    });
    await db.query('UPDATE otp_totp_totpdevice SET throttling_failure_count = 4 WHERE user_id = 1');
    const listed = await run(['listlockouts', '--json']);
    expect(listed.json.lockouts.map(({ locked }: { locked: boolean }) => locked)).toEqual([true, false, true, true]);
    const preview = await run(['unlockuser', 'alice', '--dry-run', '--json']);
    const { json } = await run(['unlockuser', 'alice', '--json']);
    expect(json.devices).toBe(1);
    expect(preview.json).toEqual({ ...json, dryRun: true });
    expect(
      json.removed.map((each: { username: string; reason: string }) => `${each.username} ${each.reason}`).toSorted(),
    ).toEqual(['ALICE@example.org name', 'alice name', 'carol address']);
    expect(await db.count('axes_accessattempt')).toBe(1);
    expect((await run(['unlockuser', '--ip', '203.0.113.0/24'])).stderr).toContain('is not an IPv4 or IPv6 address');
    await run(['unlockuser', '--ip', '::ffff:CB00:7163']);
    expect(await db.count('axes_accessattempt')).toBe(0);
    expect((await run(['unlockuser', 'alice'])).stdout).toBe('Nothing locked anybody out.\n');
  });

  test('refresh tokens rotate, and each is served once', async () => {
    const connection: Connection = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
    try {
      const keys = { algorithm: 'HS256', keys: secretKey, now } as const;
      const owner = await findSessionUser(connection, '1');
      if (owner === undefined) throw new Error('There is no alice.');
      const { token } = await createJwt(connection, owner, { ...keys, type: 'refresh', claims: { role: 'admin' } });
      const plain = await refreshTokens(connection, token, keys);
      expect(Object.keys(plain)).toEqual(['access']);
      expect(await verifyToken(plain.access, keys)).toMatchObject({
        user_id: '1',
        role: 'admin',
        token_type: 'access',
      });
      const rotating = { ...keys, rotate: true, blacklistAfterRotation: true };
      const { refresh = '' } = await refreshTokens(connection, token, rotating);
      expect(decodeToken(refresh).payload).toMatchObject({ role: 'admin', token_type: 'refresh' });
      await expect(refreshTokens(connection, token, rotating)).rejects.toMatchObject({ code: 'token_invalid' });
      const rows = await db.query('SELECT jti FROM token_blacklist_outstandingtoken WHERE token LIKE ?', ['ey%']);
      expect(rows.map(({ jti }) => jti).toSorted()).toEqual(
        [token, refresh].map((each) => decodeToken(each).payload.jti).toSorted(),
      );
      await expect(refreshTokens(connection, plain.access, keys)).rejects.toMatchObject({ code: 'token_invalid' });
      await blacklistToken(connection, refresh, keys);
      await expect(refreshTokens(connection, refresh, keys)).rejects.toMatchObject({ code: 'token_invalid' });
      for (const none of [{ kinds: [] }, { users: [] }]) {
        expect(await revokeTokens(connection, none, { now })).toEqual([]);
      }
      const { token: another } = await createJwt(connection, owner, { ...keys, type: 'refresh' });
      await db.query('UPDATE auth_user SET is_active = (1 = 0) WHERE id = 1');
      await expect(refreshTokens(connection, another, keys)).rejects.toMatchObject({ code: 'no_active_account' });
    } finally {
      await connection.close();
    }
  });
});
