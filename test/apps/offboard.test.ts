import { afterEach, beforeEach, expect, test } from 'vitest';
import { exportUser } from '../../src/apps/export-user.js';
import { offboard } from '../../src/apps/offboard.js';
import { findActor, logAlongside } from '../../src/audit/write.js';
import { connect } from '../../src/db/connect/connect.js';
import { deleteInBatches } from '../../src/db/write/batches.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry, findModel } from '../../src/registry/define.js';
import { forEachEngine, sqliteDriver } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';
import { addSessions, keysOf } from '../sessions/site.js';
import { sessionKey } from './app-facts.js';
import { allOf, createFilledSite } from './holdings.js';
import { type AppsSite, now, secretKey } from './site.js';

const env = { SECRET_KEY: secretKey };

forEachEngine((engine) => {
  let db: AppsSite;
  const run = (args: readonly string[], options: object = {}) => manage(args, { db, env, now, ...options });
  const kindsOf = async (name: string, more: readonly string[] = []) => {
    const { json } = await run(['credentials', name, '--json', ...more]);
    return json.credentials.map((each: { kind: string; state: string }) => `${each.kind} ${each.state}`).toSorted();
  };
  const of = (rows: readonly unknown[], user: number) =>
    (rows as readonly Record<string, unknown>[]).filter((row) => (row.user_id ?? row.actor_id ?? user) === user);
  /** Whom the entries of the log are about, and what they say has changed. */
  const log = async () => {
    const rows = await db.query('SELECT object_repr, change_message FROM django_admin_log ORDER BY id');
    return rows.map(
      ({ object_repr: name, change_message: text }) =>
        `${name} ${JSON.parse(String(text))[0].changed?.fields ?? 'gone'}`,
    );
  };
  beforeEach(async () => {
    db = await createFilledSite(engine);
    for (const user of [1, 2]) {
      const data = { _auth_user_id: String(user), _auth_user_backend: 'x', _auth_user_hash: 'y' };
      await addSessions(db, [
        { key: sessionKey(user), data, signedWith: secretKey, signed: new Date(now), expires: new Date('2026-12-01') },
      ]);
    }
  });
  afterEach(() => db.drop());

  test('credentials shows what is held in every table, and nothing that is secret', async () => {
    const { stdout, stderr, json } = await run(['credentials', 'alice', '--json']);
    expect(await kindsOf('alice')).toEqual([...allOf('credentials'), 'password live', 'session refused'].toSorted());
    const session = json.credentials.find(({ app }: { app: string }) => app === 'sessions');
    expect(session).toMatchObject({ group: 'session', name: 'sessionk', address: '203.0.113.7', browser: 'Firefox' });
    const table = await run(['credentials', 'alice']);
    for (const text of [stdout, stderr, table.stdout, table.stderr]) {
      expect(text).not.toContain('secret');
      expect(text).not.toContain(sessionKey(1));
    }
    const anonymous = await run(['dumpdata', '--anonymize']);
    expect(anonymous.stdout).toContain('guardian.userobjectpermission');
    expect(anonymous.stdout).not.toContain('secret');
    const whole = await run(['dumpdata']);
    expect(whole.stderr).toBe('');
    expect(whole.json.map(({ model }: { model: string }) => model)).toEqual(
      expect.arrayContaining(['mfa.authenticator', 'axes.accesslog', 'otp_static.statictoken', 'auditlog.logentry']),
    );
  });

  test('eraseuser takes permissions on objects as it takes those on all', async () => {
    const { json } = await run(['eraseuser', 'alice', '--no-input', '--json']);
    const named = (rows: { table: string }[]) =>
      rows.map(({ table }) => table).filter((name) => name.startsWith('guardian'));
    expect([named(json.deleted), named(json.unjudged)]).toEqual([['guardian_userobjectpermission'], []]);
    expect(await db.count('guardian_userobjectpermission', 'user_id = 1')).toBe(0);
    expect(await db.count('guardian_userobjectpermission', 'user_id = 2')).toBeGreaterThan(0);
  });

  test('offboard ends all that lets in, and leaves the rows of others as they are', async () => {
    const before = await db.contents();
    const plan = await run(['offboard', 'alice', '--dry-run', '--json']);
    expect(plan.json.users[0]).toMatchObject({ user: { username: 'alice', active: true }, deactivate: true });
    expect(await db.contents()).toEqual(before);

    const { json, stdout, exitCode } = await run(['offboard', 'alice', '--no-input', '--json']);
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain('secret');
    expect(json).toMatchObject({ dryRun: false, deactivated: ['alice'], sessions: 1, unknown: [] });
    expect(json.ended.map(({ kind, count }: { kind: string; count: number }) => `${count} ${kind}`).toSorted()).toEqual(
      allOf('ended'),
    );
    expect(await kindsOf('alice', ['--live'])).toEqual([...allOf('stays'), 'password live'].toSorted());
    const after = await run(['credentials', 'alice', '--json']);
    expect(after.json.credentials.filter(({ letsIn }: { letsIn: boolean }) => letsIn)).toMatchObject([
      { kind: 'oauth2_application' },
    ]);
    const then = await db.contents();
    for (const [table, rows] of Object.entries(before)) {
      expect({ table, rows: of(then[table] ?? [], 2) }).toEqual({
        table,
        rows: of(rows, 2)
          .filter((row) => {
            if (table === 'django_session') return row.session_key !== sessionKey(1);
            return true;
          })
          .map((row) =>
            table === 'auth_user' && row.id === 1 ? { ...row, is_active: row.is_active === true ? false : 0 } : row,
          )
          .concat(
            table === 'token_blacklist_blacklistedtoken'
              ? [expect.objectContaining({ token_id: expect.anything() })]
              : [],
          ),
      });
    }
  });

  test('on request second factors, other sites and rights go too, and applications to another user', async () => {
    await db.query("UPDATE auth_user SET is_active = (1 = 0) WHERE username = 'bob'");
    const preview = await run(['offboard', 'alice', '--applications-to', 'bob', '--dry-run']);
    expect(preview.stdout).toContain('    moves  1 x oauth2_application (oauth2_provider_application)\n');
    expect(preview.stderr).toContain("The user 'bob' is not active, and gets applications that go on working.");
    await db.query("UPDATE auth_user SET is_active = (1 = 1) WHERE username = 'bob'");
    const { json, stderr } = await run([
      'offboard',
      'alice',
      '--second-factors',
      '--social',
      '--rights',
      '--applications-to',
      'bob',
      '--no-input',
      '--json',
    ]);
    expect(stderr).toBe('');
    expect(json).toMatchObject({ applications: 1, rights: { groups: 1, permissions: 1, users: 0 } });
    expect(json.users[0].moves).toMatchObject([{ kind: 'oauth2_application' }]);
    expect(await kindsOf('alice', ['--live'])).toEqual(['password live']);
    expect(await kindsOf('bob', ['--live'])).toContain('oauth2_application live');
    expect(await db.count('auth_user_groups', 'user_id = 1')).toBe(0);
    expect(await db.count('otp_static_statictoken')).toBe(1);
    expect(await db.count('socialaccount_socialtoken')).toBe(1);
    expect(await db.count('usersessions_usersession')).toBe(1);
  });

  test('nothing is changed where no active superuser would be left, and the log has an entry for each user', async () => {
    await db.query("UPDATE auth_user SET is_superuser = (1 = 1) WHERE username = 'alice'");
    await db.query("UPDATE auth_user SET is_staff = (1 = 1) WHERE username = 'alice'");
    const before = await db.contents();
    const refused = await run(['offboard', 'alice', '--no-input', '--json']);
    expect([refused.exitCode, JSON.parse(refused.stderr).error.code]).toEqual([1, 'last_superuser']);
    const connection = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
    const alice = { id: 1, username: 'alice', is_staff: true, is_superuser: true };
    const kept = offboard(connection, [alice], { rights: true, keepActive: true, now });
    await expect(kept).rejects.toMatchObject({ code: 'last_superuser' });
    await connection.close();
    expect(await db.contents()).toEqual(before);
    await db.add('django_content_type', { id: 9, app_label: 'auth', model: 'user' });
    await run(['offboard', 'alice', '--force', '--no-input', '--actor', 'bob', '--reason', 'left us']);
    expect(await db.query('SELECT user_id, object_id, object_repr, action_flag FROM django_admin_log')).toEqual([
      { user_id: 2, object_id: '1', object_repr: 'alice', action_flag: 2 },
    ]);
  });

  test('who is asked and says no changes nothing', async () => {
    const before = await db.contents();
    const { stdout, exitCode } = await run(['offboard', 'alice'], { answers: ['no'] });
    expect([exitCode, stdout]).toEqual([0, 'Nothing was changed.\n']);
    expect(await db.contents()).toEqual(before);
  });

  test('commands that end one thing say what still lets in, and end it on request', async () => {
    const deactivated = await run(['deactivateuser', 'bob', '--json']);
    expect(deactivated.json.remaining).toMatchObject([
      { kind: 'oauth2_refresh', count: 1, table: 'oauth2_provider_refreshtoken' },
      { kind: 'oauth2_access', count: 1 },
    ]);
    expect(deactivated.stderr).toContain('still let in');
    const revoked = await run(['revokesessions', '--user', 'alice', '--no-input', '--json']);
    expect(revoked.json.remaining.map(({ kind }: { kind: string }) => kind).toSorted()).toEqual([
      'authtoken',
      'jwt',
      'knox',
      'oauth2_access',
      'oauth2_refresh',
      'social',
      'social',
    ]);
    const actor = ['--actor', 'bob'];
    const changed = await run(['changepassword', 'alice', '--unusable', '--all-credentials', '--json', ...actor]);
    expect(changed.json).toMatchObject({ revokedSessions: 0, remaining: [{ kind: 'social' }, { kind: 'social' }] });
    await run(['revokesessions', '--user', 'alice', '--all-credentials', '--no-input', ...actor]);
    const data = { _auth_user_id: '2', _auth_user_backend: 'x', _auth_user_hash: 'y' };
    await addSessions(db, [{ key: 'other'.repeat(6), data, signed: new Date(now), expires: new Date('2026-12-01') }]);
    const spare = ['--except', 'other'.repeat(6)];
    await run(['revokesessions', 'bob', ...spare, '--unverified', '--all-credentials', '--no-input', ...actor]);
    expect(await keysOf(db)).toEqual(['other'.repeat(6)]);
    const gone = await run(['deactivateuser', 'bob', '--all-credentials', '--json', ...actor]);
    expect(gone.json).toMatchObject({ unchanged: ['bob'], revokedSessions: 1, remaining: [] });
    expect(await db.count('oauth2_provider_accesstoken')).toBe(0);
    expect(await db.count('token_blacklist_blacklistedtoken')).toBe(4);
    expect(await log()).toEqual([
      'alice password',
      'alice Sessions,Tokens',
      'alice Sessions,Tokens',
      // One for what has ended in two steps.
      'bob Sessions,Tokens',
      'bob Sessions,Tokens',
    ]);
  });

  test('who is given tokens, or loses some, is in the log', async () => {
    const actor = ['--actor', 'bob', '--no-input'];
    await run(['createtoken', 'alice', '--actor', 'bob']);
    await run(['createtoken', 'alice', '--kind', 'authtoken', '--replace', '--actor', 'bob']);
    const refused = await run(['createtoken', 'alice', '--kind', 'authtoken', '--actor', 'bob', '--json']);
    expect(JSON.parse(refused.stderr).error.code).toBe('token_exists');
    await run(['revoketokens', '--kind', 'jwt', ...actor]);
    await run(['revoketokens', '--kind', 'jwt', ...actor]);
    await run(['revoketokens', '--user', 'bob', ...actor]);
    await run(['revokesessions', '--user', 'bob', ...actor]);
    await run(['revokesessions', '--all', ...actor]);
    await run(['revokesessions', '--all', ...actor]);
    const tokens = (name: string) => `${name} Tokens`;
    expect(await log()).toEqual([
      ...['alice', 'alice', 'alice', 'bob', 'bob'].map(tokens),
      'bob Sessions',
      '1 session gone',
    ]);
    const before = await db.contents();
    const unknown = await run(['revoketokens', '--all', '--no-input', '--actor', 'nobody', '--json']);
    expect(JSON.parse(unknown.stderr).error.code).toBe('actor_not_found');
    expect(await db.contents()).toEqual(before);
  });

  test('the log has what has ended wherever a run is killed', async () => {
    await addSessions(db, [{ key: sessionKey(3), expires: new Date('2026-12-01') }]);
    const registry = createRegistry(coreApps);
    const connection = await connect(db.settings, registry, { driver: sqliteDriver });
    const sessions = findModel(registry, 'sessions.session') ?? registry.userModel;
    const actor = await findActor(connection, 'bob', { command: 'revokesessions' });
    const { alongside: log } = logAlongside(
      (count) => [{ action: 'deletion', model: sessions, pk: null, repr: `${count} sessions`, messages: [] }],
      { actor, now },
    );
    const ended = deleteInBatches(connection, {
      table: sessions.table,
      where: (executor) => executor.raw('1 = 1'),
      size: 1,
      async alongside(bound, rows) {
        await log(bound, rows);
        if (rows.after === 3) throw new Error('killed');
      },
    });
    await expect(ended).rejects.toThrow('killed');
    await connection.close();
    expect(await db.count('django_session')).toBe(1);
    expect(await db.query('SELECT object_repr FROM django_admin_log')).toEqual([{ object_repr: '2 sessions' }]);
  });

  test('what is loaded shows nothing that is secret', async () => {
    const token = (fields: object, pk = 'secret-authtoken-9') => ({ model: 'authtoken.token', pk, fields });
    const access = {
      model: 'oauth2_provider.accesstoken',
      pk: 10,
      fields: { token: 'secret-new-1', token_checksum: 'secret-sum-9', scope: 'read write' },
    };
    const files = {
      moment: [token({ user: 1, created: 'x' })],
      twice: [token({ user: 1, created: '2026-01-01T00:00:00Z' })],
      field: [token({ scope: 'secret-scope-1' })],
      session: [{ model: 'sessions.session', pk: sessionKey(1), fields: { session_data: 'secret-data-1' } }],
      list: [{ ...token({ user: 1 }), pk: ['secret-authtoken-9'] }],
      object: [{ model: 'sessions.session', pk: sessionKey(1), fields: { session_data: { a: 'secret-data-1' } } }],
      password: [{ model: 'auth.user', pk: 1, fields: { password: ['secret-hash-1'] } }],
      new: [token({ user: 1, created: '2026-01-01T00:00:00Z' }, 'secret-authtoken-1'), access],
    };
    const cwd = temporaryFolder(
      Object.fromEntries(Object.entries(files).map(([name, rows]) => [`${name}.json`, JSON.stringify(rows)])),
    );
    const shown: string[] = [];
    for (const name of Object.keys(files)) {
      const diff = ['--dry-run', '--diff'];
      for (const more of [diff, [...diff, '--introspect'], [...diff, '--json', '--traceback'], []]) {
        const { stdout, stderr } = await run(['loaddata', `${name}.json`, '-v3', ...more], { cwd });
        shown.push(stdout, stderr);
      }
    }
    expect(shown.join('')).toContain('read write');
    expect(shown.join('').replaceAll('secret-a…', '')).not.toMatch(/secret-|sessionkeyo/);
  });

  test('no command shows what is secret in a row', async () => {
    const connection = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
    const exported = JSON.stringify(await exportUser(connection, 1));
    await connection.close();
    expect(exported).toContain('github');
    expect(exported).not.toContain('secret-');
    const secret = new RegExp(`secret-?[a-z-]*\\d|secret-client|${sessionKey(1).slice(0, 12)}`);
    const commands = `credentials alice|listtokens|list2fa|list2fa --without|listlockouts|listsessions|sessionstats|showuser alice|listusers|access alice
      offboard alice --dry-run --second-factors --social --rights|revoketokens --all --dry-run|revokesessions --all --dry-run|reset2fa alice --dry-run
      unlockuser alice --dry-run|prune --dry-run|deleteuser alice --dry-run|eraseuser alice --dry-run|mergeusers alice bob --dry-run
      exportuser alice|listlog|doctor|check|dumpaccess|show_permissions|auditpasswords|inspectdb|sqlflush|diffsettings|export_emails
      dumpdata --anonymize|dumpdata --anonymize --format xml|prune --only log|unlockuser alice|revoketokens --kind jwt --no-input
      reset2fa alice|deactivateuser bob --all-credentials|offboard alice --social --no-input --force|eraseuser alice --no-input|deleteuser alice --no-input`;
    for (const command of commands.split(/[|\n]/).map((text) => text.trim().split(' '))) {
      for (const more of [[], ['--json', '--traceback']]) {
        const { stdout, stderr, exitCode } = await run([...command, ...more]);
        expect({
          command,
          exitCode,
          usage: exitCode === 2 && !stderr.includes('never JSON') && stderr,
          secret: secret.exec(stdout + stderr)?.[0],
        }).toEqual({
          command,
          exitCode,
          usage: false,
          secret: undefined,
        });
      }
    }
  });
});
