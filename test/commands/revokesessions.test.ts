import type { Knex } from 'knex';
import { afterEach, describe, expect, test } from 'vitest';
import { connect } from '../../src/db/connect/connect.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import { revokeSessions, revokeUserSessions } from '../../src/sessions/admin/revoke.js';
import { encodeSession } from '../../src/sessions/codec/codec.js';
import {
  databasesLike,
  forEachEngine,
  sqliteDriver,
  type TestDatabase,
  untilSomebodyWaits,
} from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';
import {
  addManySessions,
  addSessions,
  createSite,
  days,
  key,
  keysOf,
  loginData,
  now,
  secretKey,
} from '../sessions/site.js';

const env = { SECRET_KEY: secretKey };

/**
 * alice is a member of Editors, staff and superuser in one: user.00 is a superuser and staff, user.01 nothing but a member
 * of Editors, user.04 staff and a member.
 */
const another = databasesLike(async (engine) => {
  const db = await createSite(engine);
  await db.query("UPDATE auth_user SET username = 'root' WHERE id = 1");
  await db.query("UPDATE auth_user SET username = 'alice' WHERE id = 2");
  await db.query("UPDATE auth_user SET username = 'staff' WHERE id = 5");
  await db.query('DELETE FROM auth_user_groups');
  await db.query('INSERT INTO auth_user_groups (id, user_id, group_id) VALUES (900, 2, 1), (901, 5, 1)');
  const [root, alice, staff] = [
    await loginData(db, 'root'),
    await loginData(db, 'alice'),
    await loginData(db, 'staff'),
  ];
  await addSessions(db, [
    { key: key('alice001'), data: alice, signed: days(-10) },
    { key: key('alice002'), data: { ...alice, cart: 'x'.repeat(500) }, signed: days(-1) },
    { key: key('alice003'), data: alice, signed: days(-20), expires: days(-6) },
    { key: key('anon0001'), data: { n: 1 } },
    { key: key('anon0002'), data: {}, expires: days(-1) },
    { key: key('forged01'), data: alice, signedWith: 'somebody else' },
    { key: key('garbage1'), text: 'what is this' },
    { key: key('root0001'), data: root },
    { key: key('staff001'), data: staff, signed: days(-31), expires: days(1) },
  ]);
  return db;
});

forEachEngine((engine) => {
  const databases: TestDatabase[] = [];
  afterEach(async () => {
    for (const database of databases.splice(0)) await database.drop();
  });

  const site = async () => {
    const db = await another(engine);
    databases.push(db);
    return db;
  };
  const all = [
    'alice001',
    'alice002',
    'alice003',
    'anon0001',
    'anon0002',
    'forged01',
    'garbage1',
    'root0001',
    'staff001',
  ];
  const starts = (keys: readonly string[]) => keys.map((each) => each.slice(0, 8));
  const list = async (db: TestDatabase, args: readonly string[], options: object = {}) =>
    manage(['listsessions', '--json', ...args], { db, env, now, ...options });

  const selections: readonly (readonly [args: readonly string[], expected: readonly string[]])[] = [
    [
      ['--user', 'alice'],
      ['alice001', 'alice002', 'alice003'],
    ],
    [
      ['--user', 'alice', '--user', 'root'],
      ['alice001', 'alice002', 'alice003', 'root0001'],
    ],
    [
      ['--user', 'alice', '--active'],
      ['alice001', 'alice002'],
    ],
    [['--user', 'alice', '--expired'], ['alice003']],
    [
      ['--user', 'alice', '--unverified'],
      ['alice001', 'alice002', 'alice003', 'forged01'],
    ],
    [
      ['--user', 'alice', '--older-than', '5'],
      ['alice001', 'alice003'],
    ],
    [
      ['--group', 'Editors'],
      ['alice001', 'alice002', 'alice003', 'staff001'],
    ],
    [['--staff'], ['root0001', 'staff001']],
    [['--superusers'], ['root0001']],
    [['--anonymous'], ['anon0001', 'anon0002']],
    [
      ['--anonymous', '--user', 'root', '--active'],
      ['anon0001', 'root0001'],
    ],
    [['--expired'], ['alice003', 'anon0002']],
    [['--active'], ['alice001', 'alice002', 'anon0001', 'forged01', 'garbage1', 'root0001', 'staff001']],
    [['--older-than', '30'], ['staff001']],
    [
      ['--older-than', '5'],
      ['alice001', 'alice003', 'staff001'],
    ],
    [['--key', 'alice001'], ['alice001']],
    [
      ['--key', key('alice001'), '--key', 'garbage1'],
      ['alice001', 'garbage1'],
    ],
    [
      ['--key', 'garbage1', '--user', 'root'],
      ['garbage1', 'root0001'],
    ],
    [['--key', 'alice003', '--active'], []],
    [['--all'], all],
  ];

  test.each(selections.map(([args, expected]) => ({ args, expected, name: args.join(' ') })))(
    '$name lists and ends what it names',
    async ({ args, expected }) => {
      const db = await site();
      const { json } = await list(db, args);
      expect(starts(json.sessions.map((session: { key: string }) => session.key))).toEqual(expected);
      expect(await keysOf(db)).toEqual(all.map(key));

      const dry = await manage(['revokesessions', '--dry-run', '--json', ...args], { db, env, now });
      expect(dry.json).toMatchObject({ dryRun: true, sessions: expected.length });
      expect(await keysOf(db)).toEqual(all.map(key));

      const ended = await manage(['revokesessions', '--no-input', ...args], { db, env, now });
      expect(ended.exitCode).toBe(0);
      expect(ended.stdout).toBe(`Ended ${expected.length} session${expected.length === 1 ? '' : 's'}.\n`);
      expect(starts(await keysOf(db))).toEqual(all.filter((each) => !expected.includes(each)));
    },
  );

  test('what is signed with none of the keys is said', async () => {
    const db = await site();
    const { stderr, json } = await manage(['revokesessions', '--user', 'alice', '--no-input', '--json'], {
      db,
      env,
      now,
    });
    expect(json).toEqual({ revoked: 3, doubtful: 1 });
    expect(stderr).toContain('1 more session says to belong here and is signed with none of the secret keys');
  });

  test('--except leaves a session, by the start of its key or from standard input', async () => {
    for (const except of [
      ['--except', 'alice002'],
      ['--except', key('alice002')],
      ['--except', '-'],
    ]) {
      const db = await site();
      const options = { db, env, now, stdin: `${key('alice002')}\n` };
      await manage(['revokesessions', '--user', 'alice', '--no-input', ...except], options);
      expect(starts(await keysOf(db))).toEqual(all.filter((each) => !['alice001', 'alice003'].includes(each)));
      await manage(['revokesessions', '--all', '--no-input', ...except], options);
      expect(starts(await keysOf(db))).toEqual(['alice002']);
    }
  });

  test('--key - reads keys from standard input', async () => {
    const db = await site();
    const stdin = `${key('alice001')}\nanon0001\n`;
    const { json } = await manage(['revokesessions', '--key', '-', '--no-input', '--json'], { db, env, now, stdin });
    expect(json).toEqual({ revoked: 2, doubtful: 0 });
    expect(starts(await keysOf(db))).toEqual(all.filter((each) => !['alice001', 'anon0001'].includes(each)));
  });

  test('keys on standard input that no session has are counted, and the others end', async () => {
    const db = await site();
    const stdin = `${key('alice001')} ${key('gone0001')}\nanon0001\ngone0002\n`;
    const { exitCode, json, stderr } = await manage(['revokesessions', '--key', '-', '--no-input', '--json'], {
      db,
      env,
      now,
      stdin,
    });
    expect({ exitCode, json }).toEqual({ exitCode: 0, json: { revoked: 2, doubtful: 0 } });
    expect(stderr).toContain('2 keys on standard input are of no session.');
    expect(starts(await keysOf(db))).toEqual(all.filter((each) => !['alice001', 'anon0001'].includes(each)));
    const bad = { db, env, now, stdin: `${key('alice002')}\nno-key\n` };
    expect((await manage(['revokesessions', '--key', '-', '--no-input'], bad)).exitCode).toBe(1);
  });

  test('any number of keys', async () => {
    const db = await site();
    const names = Array.from({ length: 20_000 }, (_, index) => key(`k${index}x`));
    await addSessionsAtOnce(
      db,
      [...names, key('other001')].map((each) => ({ key: each, text: 'x' })),
    );
    const options = { db, env, now, stdin: names.join('\n') };
    const except = await manage(['revokesessions', '--all', '--except', '-', '--dry-run'], options);
    expect(except).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^10 sessions would be ended\.\n/) });
    const ended = await manage(['revokesessions', '--key', '-', '--no-input'], options);
    expect(ended).toMatchObject({ exitCode: 0, stdout: 'Ended 20000 sessions.\n', stderr: '' });
    expect((await keysOf(db)).length).toBe(10);
  }, 30_000);

  test('keys are found through their index', async () => {
    const db = await site();
    const connection = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
    const plan = async (where: Knex.Raw) => {
      const explain = engine === 'sqlite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN';
      // The table is so small that PostgreSQL would read all of it.
      if (engine === 'postgres') await connection.db.raw('SET enable_seqscan = off');
      const rows = await connection.db.raw(`${explain} SELECT session_key FROM django_session WHERE ?`, [where]);
      return JSON.stringify(rows);
    };
    try {
      const { dialect } = connection;
      const names = [await plan(dialect.amongTexts(connection.db, 'session_key', ['a', 'b']))];
      names.push(await plan(dialect.startsWith(connection.db, 'session_key', 'alice001')));
      for (const text of names)
        expect(text).toMatch(/SEARCH django_session USING|Index (Only )?Scan|Bitmap Index Scan|"key":"PRIMARY"/);
    } finally {
      await connection.close();
    }
  });

  test('asks first, and says what it will hit', async () => {
    const db = await site();
    const question = /^This will end 3 sessions in the database 'default' \(.+\)\.\n.*yes/s;
    const no = await manage(['revokesessions', '--user', 'alice'], { db, env, now, answers: [[question, 'no']] });
    expect(no).toMatchObject({ exitCode: 0, stdout: 'No session was ended.\n' });
    const asJson = await manage(['revokesessions', '--user', 'alice', '--json'], {
      db,
      env,
      now,
      answers: [[question, 'no']],
    });
    expect(asJson.json).toEqual({ revoked: 0, doubtful: 1, cancelled: true });
    expect((await keysOf(db)).length).toBe(9);
    const yes = await manage(['revokesessions', '--user', 'alice'], { db, env, now, answers: [[question, 'yes']] });
    expect(yes).toMatchObject({ exitCode: 0, stdout: 'Ended 3 sessions.\n' });
    const nothing = await manage(['revokesessions', '--user', 'alice'], { db, env, now, answers: [] });
    expect(nothing).toMatchObject({ exitCode: 0, stdout: 'Ended 0 sessions.\n' });
  });

  test.each([
    ['no selector', ['--no-input'], 2, 'Name the sessions to end.'],
    ['nobody to ask', ['--user', 'alice'], 2, '--no-input'],
    ['a user who is not there', ['--user', 'alicia', '--no-input'], 1, "user 'alicia' does not exist"],
    ['a group that is not there', ['--group', 'writers', '--no-input'], 1, "There is no group 'writers'."],
    ['a key that is not there', ['--key', 'zzzzzzzz', '--no-input'], 1, 'There is no session whose key'],
    ['a key that is too short', ['--key', 'alice', '--no-input'], 1, 'This is not a session key.'],
    ['a key of several', ['--key', 'alice00', '--no-input'], 1, 'This is not a session key.'],
    ['a pattern', ['--key', 'alice___', '--no-input'], 1, 'This is not a session key.'],
    ['--all and more', ['--all', '--expired', '--no-input'], 2, '--all'],
    ['--active and --expired', ['--active', '--expired', '--no-input'], 2, 'exclude each other'],
  ])('is refused with %s', async (_name, args, exitCode, message) => {
    const db = await site();
    const result = await manage(['revokesessions', ...args], { db, env, now });
    expect({ exitCode: result.exitCode, stdout: result.stdout }).toEqual({ exitCode, stdout: '' });
    expect(result.stderr).toContain(message);
    expect(await keysOf(db)).toEqual(all.map(key));
  });

  test('on a protected database only where that is allowed by name', async () => {
    const db = await site();
    const config = { databases: { default: { url: db.url, protected: true } } };
    const refused = await manage(['revokesessions', '--all', '--no-input'], { config, env, now });
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('--allow-protected default');
    const dry = await manage(['revokesessions', '--all', '--dry-run'], { config, env, now });
    expect(dry.stdout).toMatch(/^9 sessions would be ended\.\n/);
    const allowed = ['revokesessions', '--all', '--no-input', '--allow-protected', 'default'];
    expect(await manage(allowed, { config, env, now })).toMatchObject({ exitCode: 0, stdout: 'Ended 9 sessions.\n' });
  });

  test('without a secret key only what needs none, or with --unverified', async () => {
    const db = await site();
    const refused = await manage(['revokesessions', '--user', 'alice', '--no-input'], { db, now });
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('Set SECRET_KEY');
    const unverified = ['revokesessions', '--user', 'alice', '--no-input', '--unverified'];
    expect((await manage(unverified, { db, now })).stdout).toBe('Ended 4 sessions.\n');
    expect((await manage(['revokesessions', '--expired', '--no-input'], { db, now })).stdout).toBe(
      'Ended 1 session.\n',
    );
  });

  test('sessions that a fallback key has signed are a user\u2019s too', async () => {
    const db = await site();
    const keys = { SECRET_KEY: 'new', SECRET_KEY_FALLBACKS: `other,${secretKey}` };
    const { stdout } = await manage(['revokesessions', '--user', 'alice', '--no-input'], { db, env: keys, now });
    expect(stdout).toBe('Ended 3 sessions.\n');
  });

  test('a dry run says whose sessions are meant', async () => {
    const db = await site();
    const { stdout } = await manage(['revokesessions', '--all', '--dry-run'], { db, env, now });
    expect(stdout.split('\n')).toEqual([
      '9 sessions would be ended.',
      '    3 of alice',
      '    1 of root',
      '    1 of staff',
      '    4 of unknown users',
      '',
    ]);
    const { json } = await manage(['revokesessions', '--user', 'alice', '--dry-run', '--json'], { db, env, now });
    expect(json).toMatchObject({ sessions: 3, top: [{ username: 'alice', sessions: 3 }] });
  });

  test('the list shows users, times and the beginnings of keys', async () => {
    const db = await site();
    const { stdout, stderr } = await manage(['listsessions'], { db, env, now });
    expect(stdout.split('\n')).toEqual([
      'KEY       SIGNED (UTC)         EXPIRES (UTC)        STATE    USER',
      'alice001  2026-11-11T12:00:00  2026-12-04T12:00:00  active   alice',
      'alice002  2026-11-20T12:00:00  2026-12-04T12:00:00  active   alice',
      'alice003  2026-11-01T12:00:00  2026-11-15T12:00:00  expired  alice',
      'anon0001  2026-11-20T12:00:00  2026-12-04T12:00:00  active   anonymous',
      'anon0002  2026-11-20T12:00:00  2026-11-20T12:00:00  expired  anonymous',
      'forged01  2026-11-20T12:00:00  2026-12-04T12:00:00  active   not signed with a known key',
      'garbage1  -                    2026-12-04T12:00:00  active   not signed with a known key',
      'root0001  2026-11-20T12:00:00  2026-12-04T12:00:00  active   root',
      'staff001  2026-10-21T12:00:00  2026-11-22T12:00:00  active   staff',
      '',
    ]);
    expect(stderr).toBe('9 sessions.\n');
    expect(stdout).not.toContain(key('alice001'));
    const whole = await manage(['listsessions', '--show-keys', '--limit', '2'], { db, env, now });
    expect(whole.stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'KEY',
      key('alice001'),
      key('alice002'),
      '',
    ]);
    await db.query("UPDATE django_session SET session_key = 'k' WHERE session_key LIKE 'alice001%'");
    const short = await manage(['listsessions', '--user', 'alice'], { db, env, now });
    expect(short.stdout.split('\n').map((line) => line.indexOf('202'))).toEqual([-1, 10, 10, 10, -1]);
    const keyless = await manage(['listsessions', '--limit', '1'], { db, now });
    expect(keyless.stdout).toMatch(/active {3}not verified\n$/);
  });

  test('the list as JSON', async () => {
    const db = await site();
    await db.query("UPDATE auth_user SET username = 'x' WHERE id = 5");
    const { json } = await list(db, ['--key', 'staff001', '--key', 'garbage1', '--show-keys']);
    expect(json).toEqual({
      sessions: [
        {
          key: key('garbage1'),
          active: true,
          verified: false,
          keyIndex: null,
          signedAt: null,
          expires: '2026-12-04T12:00:00+00:00',
          user: null,
        },
        {
          key: key('staff001'),
          active: true,
          verified: true,
          keyIndex: 0,
          signedAt: '2026-10-21T12:00:00+00:00',
          expires: '2026-11-22T12:00:00+00:00',
          user: { pk: 5, id: '5', username: 'x' },
        },
      ],
    });
  });

  test('a legacy session\u2019s time of signing is reckoned from its end', async () => {
    const db = await site();
    const text = Buffer.from(`${'0'.repeat(40)}:{}`).toString('base64');
    await addSessions(db, [
      { key: key('legacy01'), text, expires: days(-20) },
      { key: key('legacy02'), text, expires: days(10) },
    ]);
    const { json } = await list(db, ['--older-than', '30']);
    const found = starts(json.sessions.map((session: { key: string }) => session.key));
    expect(found.sort()).toEqual(['legacy01', 'staff001']);
  });

  test('no session was signed before what is no moment', async () => {
    const db = await site();
    // So many days ago there was no day, and nothing is before that.
    const refused = await list(db, ['--older-than', '99999999999']);
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('is more than 100000')]);
    const connection = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
    const ended = await revokeSessions(
      connection,
      { signedBefore: new Date(Number.NaN), unverified: true },
      { now, cookieAge: 0, secretKey },
    );
    expect(ended.sessions).toBe(0);
    await connection.close();
  });

  test('many sessions, page by page', async () => {
    const db = await site();
    const alice = await loginData(db, 'alice');
    const text = encodeSession(alice, { secretKey, now: days(-1) });
    const big = encodeSession({ ...alice, blob: randomText(600_000) }, { secretKey, now: days(-1) });
    const more = Array.from({ length: 2500 }, (_, index) => ({ key: key(`m${index}x`), text }));
    for (const index of [100, 101, 102, 103]) more[index] = { key: key(`m${index}x`), text: big };
    await addSessionsAtOnce(db, more);
    const { stdout } = await manage(['revokesessions', '--user', 'alice', '--no-input'], { db, env, now });
    expect(stdout).toBe('Ended 2503 sessions.\n');
    expect((await keysOf(db)).length).toBe(6);
  });

  test('its help says once that an option may be repeated', async () => {
    const { stdout } = await manage(['help', 'revokesessions']);
    const user = /--user USER([^-]*)/.exec(stdout)?.[1] ?? '';
    expect(user.match(/several\s+times/g)).toHaveLength(1);
  });

  test('from a program: revokeUserSessions', async () => {
    const db = await site();
    const connection = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
    try {
      expect(await revokeUserSessions(connection, 2, { secretKey, except: [key('alice001')] })).toBe(2);
      expect(await revokeUserSessions(connection, 2)).toBe(2);
    } finally {
      await connection.close();
    }
    expect(starts(await keysOf(db))).toEqual(all.filter((each) => !/alice|forged/.test(each)));
  });

  /** As few statements as there may be: each of the helper's makes a connection of its own on SQLite. */
  async function addSessionsAtOnce(db: TestDatabase, sessions: readonly { key: string; text: string }[]) {
    const expires = engine === 'postgres' ? '2026-12-04T12:00:00Z' : '2026-12-04 12:00:00';
    for (let start = 0; start < sessions.length; start += 500) {
      const some = sessions.slice(start, start + 500);
      await db.query(
        `INSERT INTO django_session (session_key, session_data, expire_date) VALUES ${some.map(() => '(?, ?, ?)').join(', ')}`,
        some.flatMap((session) => [session.key, session.text, expires]),
      );
    }
  }
});

/** Text that does not compress. */
function randomText(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return String.fromCharCode(33 + (state % 90));
  }).join('');
}

describe('on PostgreSQL', () => {
  const databases: TestDatabase[] = [];
  afterEach(async () => {
    for (const database of databases.splice(0)) await database.drop();
  });

  test.each([
    ['--all', ['--all']],
    ['--active', ['--active']],
    ['--key', ['--key', 'prolonged', '--key', 'locked00', '--key', 'free0000']],
  ])('with %s a session that a request has locked is waited for, and ends too', async (_name, args) => {
    const db = await createSite('postgres', [
      { key: key('prolonged') },
      { key: key('locked00') },
      { key: key('free0000') },
    ]);
    databases.push(db);
    await db.query('BEGIN');
    await db.query('UPDATE django_session SET expire_date = ? WHERE session_key = ?', [days(20), key('prolonged')]);
    await db.query('SELECT 1 FROM django_session WHERE session_key = ? FOR UPDATE', [key('locked00')]);
    let committed = false;
    const run = manage(['revokesessions', '--no-input', ...args], { db, now }).then((result) => ({
      ...result,
      committed,
    }));
    await untilSomebodyWaits(db);
    committed = true;
    await db.query('COMMIT');
    expect(await run).toMatchObject({ exitCode: 0, stdout: 'Ended 3 sessions.\n', committed: true });
    expect(await keysOf(db)).toEqual([]);
  });
});

test('whoever watches is told how many of how many are ended', async () => {
  const db = await createSite('sqlite');
  await addManySessions(db, 's', 3000, days(1));
  const connection = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
  try {
    const told: [number, number][] = [];
    const onDeleted = (deleted: number, total: number) => void told.push([deleted, total]);
    const context = { secretKey, secretKeyFallbacks: [], now, cookieAge: 1_209_600 };
    const revoked = await revokeSessions(connection, {}, context, { onDeleted });
    expect(revoked.sessions).toBe(3000);
    expect(new Set(told.map(([, total]) => total))).toEqual(new Set([3000]));
    expect(told.at(-1)).toEqual([3000, 3000]);
  } finally {
    await connection.close();
    await db.drop();
  }
});

test('no transaction is open while sessions are deleted, for which a pooler may have no connection more', async () => {
  const db = await createSite('postgres');
  try {
    await addManySessions(db, 's', 2000, days(1));
    await db.query(`CREATE FUNCTION alone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND state LIKE 'idle in transaction%') THEN RAISE 'another transaction is open'; END IF;
      RETURN NULL; END $$`);
    await db.query('CREATE TRIGGER alone AFTER DELETE ON django_session EXECUTE FUNCTION alone()');
    await db.query("UPDATE django_session SET session_data = ? WHERE session_key LIKE '%1%'", [
      encodeSession({}, { secretKey, now: days(-1) }),
    ]);
    const { stdout, stderr } = await manage(['revokesessions', '--anonymous', '--no-input'], { db, env, now });
    expect({ stdout, stderr }).toEqual({ stdout: 'Ended 1271 sessions.\n', stderr: '' });
  } finally {
    await db.drop();
  }
});
