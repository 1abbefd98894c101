import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callCommand, main } from '../../src/app/main.js';
import { displayWidth } from '../../src/ui/table.js';
import { clubFiles } from '../helpers/club.js';
import { createDatabase, type Engine, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

const truth: Record<Engine, unknown> = { sqlite: 1, postgres: true, mariadb: 1 };
const now = '2025-02-13T04:05:06Z';

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterAll(() => db.drop());

  const rows = () => db.query('SELECT * FROM auth_user ORDER BY id');
  const list = async (...args: string[]) => {
    const result = await manage(['listusers', '--json', ...args], { db, now });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    const users: Record<string, unknown>[] = result.json.users;
    return users;
  };
  const names = async (...args: string[]) => (await list(...args)).map(({ username }) => username);
  const expected = async (keep: (row: Record<string, unknown>) => unknown) =>
    (await rows()).filter(keep).map(({ username }) => username);
  const is = (row: Record<string, unknown>, field: string) => row[field] === truth[engine];
  const day = (row: Record<string, unknown>) => (row.last_login === null ? '' : String(row.last_login).slice(0, 10));

  describe('formats', () => {
    it('lists every field but the password with --json', async () => {
      const all = await rows();
      const users = await list();
      expect(users).toHaveLength(all.length);
      for (const [at, user] of users.entries()) {
        const row = all[at] ?? {};
        expect(Object.keys(user)).toEqual(
          ['pk', ...Object.keys(row).filter((key) => key !== 'password')].sort(order(user)),
        );
        expect(user).toMatchObject({
          pk: row.id,
          username: row.username,
          email: row.email,
          first_name: row.first_name,
          is_active: is(row, 'is_active'),
        });
        expect(String(user.date_joined)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00$/);
      }
    });

    it('writes the same as JSON lines', async () => {
      const { stdout, stderr } = await manage(['listusers', '--format=jsonl'], { db });
      expect(stderr).toBe('');
      expect(stdout.endsWith('\n')).toBe(true);
      const lines = stdout.split('\n').slice(0, -1);
      expect(lines.map((line) => JSON.parse(line))).toEqual(await list());
    });

    it('writes the same as CSV', async () => {
      const { stdout, stderr } = await manage(['listusers', '--format', 'csv'], { db });
      expect(stderr).toBe('');
      const [heading = [], ...lines] = parseCsv(stdout);
      const users = await list();
      expect(heading).toEqual(Object.keys(users[0] ?? {}));
      expect(lines).toEqual(
        users.map((user) => Object.values(user).map((value) => (value === null ? '' : String(value)))),
      );
    });

    it('writes a table in which no data can disturb the terminal', async () => {
      const { stdout, stderr } = await manage(['listusers'], { db });
      const count = (await rows()).length;
      expect(stderr).toBe(`${count} users.\n`);
      const lines = stdout.split('\n').slice(0, -1);
      expect(lines).toHaveLength(count + 1);
      expect(lines[0]).toMatch(/^USERNAME +EMAIL +NAME +FLAGS +LAST LOGIN$/);
      expect(lines[1]).toMatch(/^user\.00@\+-_Ω .* superuser staff(?: inactive)? {2}2025-02-03 04:05$/);
      expect(stdout).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]/);
      expect(stdout).toContain('emoji 🔑🇭🇺 ü 中文');
      expect(stdout).toContain("''; DROP TABLE auth_user; --");
    });

    it('fits the table to the terminal', async () => {
      const out = Object.assign(new PassThrough(), { isTTY: true, columns: 72 });
      const text: Buffer[] = [];
      out.on('data', (chunk) => text.push(chunk));
      const env = { DATABASE_URL: db.url, NO_COLOR: '1', PATH: process.env.PATH };
      const stdin = new PassThrough().end();
      const cwd = temporaryFolder();
      expect(
        await main(['listusers', '-v0'], { stdin, stdout: out, stderr: new PassThrough(), env, cwd: () => cwd }),
      ).toBe(0);
      const lines = Buffer.concat(text).toString().split('\n').slice(0, -1);
      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(72);
      expect(lines.join()).toContain('…');
      expect(lines[1]).toContain('2025-02-03 04:05');
    });

    it('gives programs the whole list', async () => {
      const document = await callCommand(
        'listusers',
        { limit: 2 },
        {
          env: { DATABASE_URL: db.url },
          cwd: () => temporaryFolder(),
          stdout: new PassThrough(),
          stderr: new PassThrough(),
        },
      );
      expect(document).toMatchObject({ users: [{ pk: 1 }, { pk: 2 }] });
    });
  });

  describe('filters', () => {
    it.each<[string[], (row: Record<string, unknown>) => unknown]>([
      [['--active'], (row) => is(row, 'is_active')],
      [['--inactive'], (row) => !is(row, 'is_active')],
      [['--staff'], (row) => is(row, 'is_staff')],
      [['--superusers'], (row) => is(row, 'is_superuser') && is(row, 'is_staff')],
      [['--never-logged-in'], (row) => row.last_login === null],
      [['--not-since=10'], (row) => String(row.last_login ?? '').slice(0, 19) < '2025-02-03 04:05:06'],
      [['--not-since=9'], (row) => day(row) <= '2025-02-03'],
      [['--not-since', '100000'], (row) => row.last_login === null],
      [['--not-since=9', '--never-logged-in'], (row) => row.last_login === null],
      [
        ['--staff', '--active', '--never-logged-in'],
        (row) => is(row, 'is_staff') && is(row, 'is_active') && row.last_login === null,
      ],
      [['--search', 'U.4+TAG'], (row) => String(row.email).startsWith('U.4+')],
      [['--search=USER.0'], (row) => String(row.username).startsWith('user.0')],
      [['--search', '中文'], (row) => `${row.first_name}${row.last_name}`.includes('中文')],
      [['--search', '%'], (row) => `${row.username}${row.first_name}${row.last_name}${row.email}`.includes('%')],
      [['--search', '_'], () => true],
      [['--search', 'nobody at all'], () => false],
      [['--search', '!'], (row) => `${row.first_name}${row.last_name}`.includes('!')],
    ])('takes %j', async (args, keep) => {
      expect(await names(...args)).toEqual(await expected(keep));
    });

    it('takes --group', async () => {
      const [group] = await db.query(
        'SELECT g.id, g.name, count(*) AS n FROM auth_group g JOIN auth_user_groups l ON l.group_id = g.id GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 1',
      );
      const members = await db.query(
        'SELECT u.username FROM auth_user u JOIN auth_user_groups l ON l.user_id = u.id WHERE l.group_id = ? ORDER BY u.id',
        [group?.id],
      );
      expect(members.length).toBeGreaterThan(0);
      expect(await names('--group', String(group?.name))).toEqual(members.map(({ username }) => username));
    });

    it('takes --limit, and no users for an answer', async () => {
      expect(await names('--limit=3')).toEqual((await expected(() => true)).slice(0, 3));
      expect(await names('--limit=3', '--search=nobody at all')).toEqual([]);
      const none = await manage(['listusers', '--search=nobody at all'], { db });
      expect(none).toMatchObject({ exitCode: 0, stdout: '', stderr: '0 users.\n' });
    });

    it.each([
      [['--active', '--inactive'], 2, 'cannot be used together'],
      [['--limit=0'], 2, 'less than 1'],
      [['--limit=x'], 2, 'invalid int value'],
      [['--not-since=-1'], 2, 'not-since'],
      [['--not-since=999999999999'], 2, 'not-since'],
      [['--format=xml'], 2, 'invalid choice'],
      [['--format=csv', '--json'], 2, '--format and --json cannot be used together.'],
      [['--format=table', '--json'], 2, '--format and --json cannot be used together.'],
      [['--group=nope'], 1, "There is no group 'nope'."],
      [['--group=nope', '--json'], 1, "There is no group 'nope'."],
    ])('refuses %j', async (args, exitCode, message) => {
      const result = await manage(['listusers', ...args], { db });
      expect(result).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(message) });
    });
  });

  it('reads page after page', async () => {
    const many = await createDatabase(engine, { from: 'sample' });
    try {
      const [before] = await many.query('SELECT count(*) AS n FROM auth_user');
      const numbers =
        engine === 'mariadb'
          ? '(SELECT seq AS i FROM seq_1_to_3500) AS n'
          : '(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3500) SELECT i FROM n) AS n';
      await many.query(
        `INSERT INTO auth_user (password, username, first_name, last_name, email, is_staff, is_active, is_superuser, date_joined) SELECT '!', 'many' || i, '', '', '', is_staff, is_active, is_superuser, date_joined FROM ${numbers}, auth_user WHERE auth_user.id = 2`,
      );
      const total = Number(before?.n) + 3500;
      const { json } = await manage(['listusers', '--json'], { db: many });
      const keys = json.users.map(({ pk }: { pk: number }) => pk);
      expect(new Set(keys).size).toBe(total);
      expect(keys).toEqual([...keys].sort((a, b) => a - b));
      const table = await manage(['listusers', '--search=many'], { db: many });
      expect(table.stderr).toBe('3500 users.\n');
      expect(table.stdout.match(/^USERNAME/gm)).toHaveLength(1);
      const limited = await manage(['listusers', '--format=csv', '--limit=1500'], { db: many });
      expect(parseCsv(limited.stdout)).toHaveLength(1501);
    } finally {
      await many.drop();
    }
  });

  it('lists the users of a model of its own', async () => {
    const own = await createDatabase(engine);
    try {
      const cwd = temporaryFolder(clubFiles);
      const run = (...args: string[]) => manage(args, { db: own, cwd });
      await run('migrate', '-v0');
      await own.query("INSERT INTO club_team (code) VALUES ('red')");
      await own.query("INSERT INTO club_skill (name) VALUES ('chess')");
      const given = ['--full_name=Ada L.', '--team=red', '--skills=1'];
      await run('createsuperuser', '--no-input', '--email=ada@b.co', ...given);
      await run('createuser', '--no-input', '--email=bob@b.co', ...given);
      const { json } = await run('listusers', '--json', '--superusers');
      expect(json.users).toEqual([
        {
          pk: expect.stringMatching(/^[0-9a-f-]{36}$/),
          id: json.users[0].pk,
          email: 'ada@b.co',
          full_name: 'Ada L.',
          nickname: '',
          badge: null,
          team: 'red',
          born: null,
          level: 9,
        },
      ]);
      const { stdout } = await run('listusers');
      const lines = stdout.split('\n').slice(0, -1);
      expect(lines[0]).toMatch(/^EMAIL ADDRESS {2}NAME {4}FLAGS$/);
      expect(lines.slice(1).sort()).toEqual(['ada@b.co       Ada L.  superuser', 'bob@b.co       Ada L.']);
      for (const option of ['--active', '--staff', '--never-logged-in']) {
        expect(await run('listusers', option)).toMatchObject({ exitCode: 1, stdout: '' });
      }
    } finally {
      await own.drop();
    }
  });
});

/** Keeps the order of the document's own keys: which there are is what is compared. */
function order(user: Record<string, unknown>) {
  const keys = Object.keys(user);
  return (a: string, b: string) => keys.indexOf(a) - keys.indexOf(b);
}

/** As RFC 4180 has it, with line feeds. */
function parseCsv(text: string): string[][] {
  const lines: string[][] = [[]];
  const cell = /("(?:[^"]|"")*"|[^",\n]*)(,|\n)/gy;
  for (let found = cell.exec(text); found !== null && cell.lastIndex <= text.length; found = cell.exec(text)) {
    const [, raw = '', end] = found;
    lines.at(-1)?.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === '\n') lines.push([]);
    if (cell.lastIndex === text.length) break;
  }
  expect(lines.pop()).toEqual([]);
  return lines;
}
