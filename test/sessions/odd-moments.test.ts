import { afterEach, describe, expect, test } from 'vitest';
import { createDatabase, type Engine, sqliteDriver, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';
import { addSessions, createSite, keysOf, now } from './site.js';

// Only SQLite keeps anything in any column; PostgreSQL has moments that are none of Django's.
const databases: TestDatabase[] = [];
afterEach(async () => {
  for (const database of databases.splice(0)) await database.drop();
});

async function site(ends: readonly (string | number)[], engine: Engine = 'sqlite'): Promise<TestDatabase> {
  const db = await createSite(engine);
  databases.push(db);
  const keys = ends.map((_, index) => `${index}`.padStart(2, '0').padEnd(32, 'k'));
  await addSessions(
    db,
    keys.map((key) => ({ key })),
  );
  for (const [index, end] of ends.entries()) {
    await db.query('UPDATE django_session SET expire_date = ? WHERE session_key = ?', [end, keys[index]]);
  }
  return db;
}

// It is 12:00 of 21 November 2026, in UTC.
const live = [
  '2026-11-21 12:00:01',
  '2026-11-21 12:00:00.000001',
  '2026-11-21T12:00:01',
  '2026-11-21T13:00:00Z',
  '2026-11-21 11:30:00-01:00',
  '2026-11-21T11:00:00.5-02:00',
  '2026-11-22',
  1893456000000,
  1893456000,
  1893456000.5,
  '1893456000000',
  '20261121T120001',
  '20261121T120001.5Z',
  '20261121T0435-0730',
  '2026-11-21T04:00:01-0800',
  '2026-11-21 12:00:00,5',
  '2026-11-21 12:0:1',
  '2026-12-1 3:04:05',
  '2026-12-3',
  '20261122',
  1893456000000000,
  // The end of 9999, which stands for never.
  253402300799,
  253402300799000,
];
const over = [
  '2026-11-21 11:59:59.999999',
  '2026-11-21T11:00:00Z',
  '2026-11-21T11:59:59',
  '2026-11-21 13:00:00+02:00',
  '2026-11-21',
  1700000000000,
  1700000000,
  '1700000000000',
  '20261121T115959',
  '20261121t110000Z',
  '20261121 1300+02',
  '20251231T235959,5',
  '20261121',
  '2026-11-21T03:59:59-0800',
  '2026-11-21 11:59:59,999999',
  '2026-1-2 3:4:5',
  '2026-9-21 3:04',
  '2026-11-3',
  '2026-11-9',
  '2026-11-2T3:4:5.5Z',
  '2026-11-9 23:9 -0300',
  '2026-11-21 9:4:5+02',
  1700000000000000,
];
const unreadable = [
  '',
  'garbage',
  12345,
  2026,
  '2020-13-45 99:99:99',
  '2026-02-31T10:00:00',
  '0000-01-01 00:00:00',
  '20261341T100000',
  '2026-11-21T24:00:00Z',
  '2026-11-21 11:00:00,5,5',
  '2026-11-21T10:00+0',
  '2026-11-21T10:00:00+25:00',
  'never,Z',
  '2026-11-2 34:05',
  '2026-11-21 3:04:05+1:00',
];

describe('the end of a session in another form than Django writes', () => {
  test('is understood, and what is none is counted and left alone', async () => {
    const db = await site([...live, ...over, ...unreadable]);
    const cleared = await manage(['clearsessions'], { db, now });
    expect(cleared).toMatchObject({ exitCode: 0, stdout: `Removed ${over.length} expired sessions.\n` });
    expect(cleared.stderr).toBe(
      `${unreadable.length} sessions have unreadable expiry dates and are left alone. ` +
        '`manage listsessions` shows them.\n',
    );
    const left = (await db.query('SELECT expire_date AS e FROM django_session ORDER BY session_key')).map(({ e }) => e);
    expect(left.map(String)).toEqual([...live, ...unreadable].map(String));
  });

  test('--dry-run and --json say the same', async () => {
    const db = await site([...live, ...over, ...unreadable]);
    const { json } = await manage(['clearsessions', '--dry-run', '--json'], { db, now });
    expect(json).toEqual({ dryRun: true, expired: over.length, unreadable: unreadable.length });
    expect(await keysOf(db)).toHaveLength(live.length + over.length + unreadable.length);
  });

  test('is the same for all commands about sessions', async () => {
    const db = await site([...live, ...over, ...unreadable]);
    const states = async (...args: string[]) =>
      (await manage(['listsessions', '--json', ...args], { db, now })).json.sessions.map(
        ({ active }: { active: boolean | null }) => active,
      );
    const all = [live.map(() => true), over.map(() => false), unreadable.map(() => null)].flat();
    expect((await states()).sort()).toEqual(all.sort());
    expect(await states('--active')).toEqual(live.map(() => true));
    expect(await states('--expired')).toEqual(over.map(() => false));
    expect((await manage(['sessionstats', '--json'], { db, now })).json).toMatchObject({
      total: all.length,
      active: live.length,
      expired: over.length,
      unreadableDates: unreadable.length,
    });
    const shown = await manage(['listsessions'], { db, now });
    expect(shown.stdout).toMatch(/2030-01-01T00:00:00 +active/);
    expect(shown.stdout).toMatch(/unreadable date +unknown/);
  });

  test('is read in the zone of the site where it has no offset', async () => {
    const ends = [
      '2026-11-21 14:30:00',
      '2026-11-21T14:30:00',
      '2026-11-21T12:30:00Z',
      1795264200,
      '2026-11-21 13:30:00',
    ];
    const db = await site(ends);
    // 12:00 in UTC is 14:00 there.
    const config = { useTz: false, timeZone: 'Europe/Helsinki' };
    const { json } = await manage(['listsessions', '--active', '--json'], { db, now, config });
    expect(json.sessions).toHaveLength(4);
    expect((await manage(['clearsessions'], { db, now, config })).stdout).toBe('Removed 1 expired session.\n');
  });

  test('is found by an index, in a statement that is prepared at once', async () => {
    const db = await site([]);
    const { connect } = await import('../../src/db/connect/connect.js');
    const { createRegistry } = await import('../../src/registry/define.js');
    const { coreApps } = await import('../../src/registry/core.js');
    const { expiredBefore } = await import('../../src/sessions/store/table.js');
    const connection = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
    try {
      const where = expiredBefore(connection, now)(connection.db);
      const plan = await connection.db.raw('EXPLAIN QUERY PLAN SELECT rowid FROM django_session WHERE ?', [where]);
      const steps = plan
        .map(({ detail }: { detail: string }) => detail)
        .filter((detail: string) => /SCAN|SEARCH/.test(detail) && !/subquery|constant/i.test(detail));
      expect(steps.length).toBeGreaterThan(0);
      for (const step of steps) expect(step).toContain('django_session_expire_date');
      // Each page of a scan and each batch prepares it anew; 40 ms each when its subqueries were put into one another.
      const instructions = await connection.db.raw('EXPLAIN SELECT rowid FROM django_session WHERE ?', [where]);
      expect(instructions.length).toBeLessThan(1000);
    } finally {
      await connection.close();
    }
  });
});

describe('a column with a value that its field cannot mean', () => {
  const odd = async () => {
    const db = await createDatabase('sqlite', { from: 'sample' });
    databases.push(db);
    await db.query("UPDATE auth_user SET last_login = 'yesterday' WHERE id = 1");
    await db.query('UPDATE auth_user SET date_joined = 1700000000000, last_login = 1700000000.5 WHERE id = 2');
    return db;
  };

  test('does not stop commands that do not need it', async () => {
    const db = await odd();
    const [{ username } = {}] = await db.query('SELECT username FROM auth_user WHERE id = 1');
    const name = String(username);
    expect(await manage(['changepassword', name, '--generate'], { db })).toMatchObject({ exitCode: 0 });
    const password = { db, stdin: 'wrong' };
    expect(await manage(['checkpassword', name, '--password-stdin'], password)).toMatchObject({
      exitCode: 1,
      stderr: '',
    });
    expect(await manage(['deactivateuser', name, '--force'], { db })).toMatchObject({ exitCode: 0 });
    expect(await manage(['activateuser', name], { db })).toMatchObject({ exitCode: 0 });
    expect(await manage(['createuser', '--no-input', '--if-not-exists', '--username', name], { db })).toMatchObject({
      exitCode: 0,
    });
  });

  test('is named by listusers, which shows all others', async () => {
    const db = await odd();
    const [{ count } = {}] = await db.query('SELECT COUNT(*) AS count FROM auth_user');
    const { exitCode, json, stderr } = await manage(['listusers', '--json'], { db });
    expect(exitCode).toBe(0);
    expect(json.users).toHaveLength(Number(count));
    expect(json.users[0]).toMatchObject({ pk: 1, last_login: null });
    expect(json.users[1]).toMatchObject({
      date_joined: '2023-11-14T22:13:20+00:00',
      last_login: '2023-11-14T22:13:20.500000+00:00',
    });
    expect(JSON.parse(stderr).warning.message).toBe(
      `In the table 'auth_user', row 1: the column 'last_login' has or gets "yesterday", which is not a date and time of ` +
        'the years 1 to 9999. It is shown as if there were none.',
    );
  });

  test('--not-since knows moments of any form', async () => {
    const db = await odd();
    const { json } = await manage(['listusers', '--not-since', '30', '--json'], { db, now: '2023-11-20T00:00:00Z' });
    const keys = json.users.map(({ pk }: { pk: number }) => pk);
    expect(keys).not.toContain(1);
    expect(keys).not.toContain(2);
  });

  test('is a finding of check', async () => {
    const db = await odd();
    const { json } = await manage(['check', '--json'], { db });
    const found = json.findings.filter(({ id }: { id: string }) => id === 'manage.W045');
    expect(found.map(({ object, message }: { object: string; message: string }) => `${object}: ${message}`)).toEqual([
      "auth_user.last_login: 2 rows have a moment in another form than Django writes in the database 'default', 1 of them something that is not a valid time.",
      "auth_user.date_joined: 1 row has a moment in another form than Django writes in the database 'default'.",
    ]);
  });
});

test('moments of PostgreSQL that Django cannot read are left alone, counted and found', async () => {
  const ends = [
    'infinity',
    '-infinity',
    '20000-01-01',
    '0044-03-15 BC',
    '2026-11-21 11:59:59Z',
    '2026-11-21 12:00:01Z',
  ];
  const db = await site(ends, 'postgres');
  await db.query("UPDATE auth_user SET last_login = 'infinity'");
  const list = await manage(['listsessions', '--json'], { db, now });
  const states = list.json.sessions.map(({ active }: { active: boolean | null }) => active);
  expect(states).toEqual([null, null, null, null, false, true]);
  const { stdout, stderr } = await manage(['clearsessions'], { db, now });
  expect(stdout).toBe('Removed 1 expired session.\n');
  expect(stderr).toContain('4 sessions have unreadable expiry dates and are left alone.');
  expect(await keysOf(db)).toHaveLength(5);
  const { json } = await manage(['check', '--json'], { db });
  const found = json.findings.filter(({ id }: { id: string }) => id === 'manage.W045');
  expect(found.map(({ object }: { object: string }) => object)).toEqual([
    'auth_user.last_login',
    'django_session.expire_date',
  ]);
  expect(found[1].message).toBe(
    "4 rows have something that is not a time of the years 1 to 9999 in the database 'default'.",
  );
});
