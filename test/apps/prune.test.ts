import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPace } from '../../src/apps/prune-pace.js';
import { connect } from '../../src/db/connect/connect.js';
import { withLock } from '../../src/db/transactions/locks.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import { forEachEngine, sqliteDriver } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';
import { addSessions } from '../sessions/site.js';
import { createFilledSite, facts } from './holdings.js';
import { type AppsSite, days, now, secretKey } from './site.js';

const env = { SECRET_KEY: secretKey };

forEachEngine((engine) => {
  let db: AppsSite;
  const run = (args: readonly string[]) => manage(args, { db, env, now });
  /** Rows that are deleted, by table; without those of which there are none. */
  const rowsOf = ({ parts }: { parts: readonly { part: string; table: string; rows: number }[] }) =>
    Object.fromEntries(parts.filter(({ rows }) => rows > 0).map(({ part, table, rows }) => [`${part} ${table}`, rows]));
  beforeEach(async () => {
    db = await createFilledSite(engine);
    for (const [key, expires] of [
      ['a', '2026-11-26T11:59:59Z'],
      ['b', '2026-11-26T12:00:00Z'],
    ] as const) {
      await addSessions(db, [{ key: key.repeat(32), expires: new Date(expires), signed: new Date('2026-11-01') }]);
    }
    await db.add('django_admin_log', {
      action_time: days(-366),
      user_id: 1,
      object_repr: 'x',
      action_flag: 1,
      change_message: '',
    });
  });
  afterEach(() => db.drop());

  const over = Object.assign({ 'sessions django_session': 1 }, ...[...facts.values()].map(({ pruned }) => pruned));
  const rows = Object.values<number>(over).reduce((sum, each) => sum + each, 0);

  test('each table loses what its package would delete, as a dry run says, and nothing else', async () => {
    const before = await db.contents();
    const preview = await run(['prune', '--dry-run', '--json']);
    expect(rowsOf(preview.json)).toEqual(over);
    expect((await run(['prune', '--dry-run'])).stdout).toMatch(new RegExp(`\\n${rows} rows in all\\.\\n$`));
    expect(await db.contents()).toEqual(before);
    const done = await run(['prune', '--json']);
    expect(done.json).toMatchObject({ dryRun: false, rows, stopped: null, running: false, unknown: [] });
    expect(rowsOf(done.json)).toEqual(over);
    const after = await db.contents();
    const changed = Object.keys(before).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
    expect(changed).toEqual(
      Object.keys(over)
        .map((key) => key.slice(key.indexOf(' ') + 1))
        .toSorted(),
    );
    expect(await db.query('SELECT jti FROM token_blacklist_outstandingtoken ORDER BY jti')).toEqual(
      ['blacklisted1', 'blacklisted2', 'live1', 'live2'].map((jti) => ({ jti })),
    );
    expect(rowsOf((await run(['prune', '--json'])).json)).toEqual({});
  });

  test('refresh tokens have an age where one is given, and what they kept goes with them', async () => {
    const args = ['prune', '--only', 'oauth', '--refresh-age', String(30 * 86_400), '--json'];
    await db.query('UPDATE oauth2_provider_refreshtoken SET access_token_id = 11 WHERE id = 11');
    const wanted = {
      'oauth oauth2_provider_refreshtoken': 2,
      'oauth oauth2_provider_accesstoken': 2,
      'oauth oauth2_provider_grant': 2,
    };
    expect(rowsOf((await run([...args, '--dry-run'])).json)).toEqual(wanted);
    expect(rowsOf((await run(args)).json)).toEqual(wanted);
    expect(await db.query('SELECT id FROM oauth2_provider_refreshtoken ORDER BY id')).toEqual(
      [{ id: 10 }, { id: 20 }].map(({ id }) => ({ id: engine === 'sqlite' ? id : String(id) })),
    );
  });

  test('logs go on request only', async () => {
    const logs = { 'log django_admin_log': 1, 'auditlog auditlog_logentry': 2, 'reversion reversion_revision': 2 };
    const moment = { sqlite: 'datetime', postgres: 'timestamptz', mariadb: 'datetime(6)' }[engine];
    await db.query(
      `CREATE TABLE polls_historicalpoll (id integer, history_id integer PRIMARY KEY, history_date ${moment}, history_type varchar(1))`,
    );
    for (const [id, date] of [days(-31), days(-29)].entries()) {
      await db.add('polls_historicalpoll', { id: 1, history_id: id, history_date: date, history_type: '~' });
    }
    const history = await run(['prune', '--only', 'history', '--json']);
    expect(rowsOf(history.json)).toEqual({ 'history polls_historicalpoll': 1 });
    expect(await db.query('SELECT history_id FROM polls_historicalpoll')).toEqual([{ history_id: 1 }]);
    const args = ['prune', '--only', 'log', '--only', 'auditlog', '--only', 'reversion', '--json'];
    expect(rowsOf((await run([...args, '--log-age', '1000'])).json)).toEqual({});
    expect(rowsOf((await run(args)).json)).toEqual(logs);
    const unknown = await run(['prune', '--only', 'sesions', '--json']);
    expect(JSON.parse(unknown.stderr).error).toMatchObject({ code: 'unknown_part', hint: 'Did you mean sessions?' });
    const commands = {
      clearsessions: 'sessions',
      flushexpiredtokens: 'jwt',
      cleartokens: 'oauth',
      clearsocial: 'social',
      axes_reset_logs: 'axes',
      'AXES-RESET-FAILURE-LOGS': 'axes',
      clean_orphan_obj_perms: 'guardian',
      clean_old_history: 'history',
      simplejwt: undefined,
      oauth2_provider: 'oauth',
      'django-allauth': 'emailconfirmations',
    };
    for (const [command, part] of Object.entries(commands)) {
      const { stderr } = await run(['prune', '--only', command]);
      expect(stderr, command).toContain(part === undefined ? 'It has sessions, ' : `Did you mean ${part}?`);
    }
  });

  test('what is in another form, or is no moment, is neither taken for over nor for ended', async () => {
    // 2030 in milliseconds, which SQLite takes for less than any text; PostgreSQL has moments that nobody else can read.
    const odd: Partial<Record<typeof engine, string>> = { sqlite: '1893456000000', postgres: "'-infinity'" };
    const moment = odd[engine];
    if (moment === undefined) return;
    const columns = {
      token_blacklist_outstandingtoken: 'expires_at',
      oauth2_provider_accesstoken: 'expires',
      oauth2_provider_grant: 'expires',
      account_emailconfirmation: 'sent',
      axes_accesslog: 'attempt_time',
      captcha_captchastore: 'expiration',
      knox_authtoken: 'expiry',
      social_auth_code: 'timestamp',
      social_auth_partial: 'timestamp',
      user_sessions_session: 'expire_date',
    };
    for (const [table, column] of Object.entries(columns)) await db.query(`UPDATE ${table} SET ${column} = ${moment}`);
    const args = [
      'prune',
      '--json',
      ...['jwt', 'oauth', 'knox', 'social', 'captcha', 'axes'].flatMap((part) => ['--only', part]),
    ];
    const kept = await db.contents();
    await run([...args, '--only', 'emailconfirmations']);
    const after = await db.contents();
    for (const table of Object.keys(columns)) expect([table, after[table]]).toEqual([table, kept[table]]);

    const unreadable = engine === 'sqlite' ? "'soon'" : moment;
    await db.query(`UPDATE usersessions_usersession SET last_seen_at = ${unreadable}, created_at = ${unreadable}`);
    await db.query(`UPDATE authtoken_token SET created = ${unreadable}`);
    await db.query(`UPDATE axes_accesslog SET attempt_time = ${unreadable}`);
    await db.query(`UPDATE auth_user SET date_joined = ${unreadable}`);
    const token = await run(['createtoken', 'alice', '--kind', 'authtoken', '--replace']);
    expect([token.exitCode, token.stderr]).toEqual([0, '']);
    const { json } = await run(['offboard', 'alice', '--no-input', '--json']);
    expect(json.ended).toContainEqual(expect.objectContaining({ kind: 'jwt', count: 2 }));
    expect((await run(['credentials', 'alice', '--json'])).json.credentials).not.toContainEqual(
      expect.objectContaining({ kind: 'jwt', live: true }),
    );
    const deleted = await run(['deleteuser', 'alice', '--delete-log', '--no-input']);
    expect([deleted.exitCode, deleted.stderr]).toEqual([0, '']);
  });

  test('of two runs one does nothing', async () => {
    const connection = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
    await withLock(connection, 'prune', { wait: false }, async () => {
      const { json, exitCode } = await run(['prune', '--json']);
      expect([exitCode, json.running, json.rows]).toEqual([0, true, 0]);
    });
    await connection.close();
    expect((await run(['prune', '--json'])).json.rows).toBe(rows);
  });
});

test('a transaction that keeps others waiting ends in time for its commit, as the slowest of the last ones was', () => {
  const pace = createPace({ singleWriter: true, largestBatch: 50_000 });
  const soFar = (statements: number, removed = 250) => ({
    tookMs: 4 * statements,
    removed: removed * statements,
    lastMs: 4,
    lastRemoved: removed,
    full: true,
  });
  const statementsInTime = (removed?: number) =>
    Array.from({ length: 20 }, (_, n) => n + 1).findIndex((count) => !pace.hasTime(soFar(count, removed))) + 1;
  expect(statementsInTime()).toBe(3);
  pace.learn({ ...soFar(2), commitMs: 50 });
  expect(statementsInTime()).toBe(2);
  for (const commitMs of [4, 4, 4]) pace.learn({ ...soFar(2), commitMs });
  expect(statementsInTime()).toBe(10);
  // Where hardly anything is over, a statement looks at more rows, and what counts is its own time.
  expect(statementsInTime(0)).toBe(16);
  const before = pace.rows();
  for (let n = 0; n < 10; n++) pace.learn({ ...soFar(1, 0), commitMs: 1 });
  expect(pace.rows()).toBeGreaterThan(before);
  pace.learn({ ...soFar(1), lastMs: 1000, commitMs: 1 });
  expect(pace.rows()).toBe(500);
});
