import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkPassword, decodeSession, sessionAuthHash } from '../../src/index.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, runManage, temporaryFolder } from '../helpers/manage.js';

const env = { SECRET_KEY: 'a secret key of the tests, long enough' };
const now = '2026-03-04T05:06:07Z';

forEachEngine((engine) => {
  let db: TestDatabase;
  const run = (args: string[], options = {}) => manage(['populate_db', ...args], { db, env, now, ...options });
  const count = async (table: string) => Number((await db.query(`SELECT count(*) AS n FROM ${table}`))[0]?.n);
  const newUsers = (after: unknown) => db.query('SELECT * FROM auth_user WHERE id > ? ORDER BY id', [after]);
  const lastId = async () => (await db.query('SELECT max(id) AS id FROM auth_user'))[0]?.id;

  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => db.drop());

  test('adds to what is there, and says how much', async () => {
    const before = [await count('auth_user'), await count('auth_group'), await count('django_session')];
    const last = await lastId();
    const { json, exitCode, stderr } = await run([
      '--users',
      '2500',
      '--groups',
      '12',
      '--sessions',
      '3000',
      '--log-entries',
      '50',
      '--no-input',
      '--json',
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(json).toMatchObject({ users: 2500, groups: 12, sessions: 3000, logEntries: 50 });
    const after = [await count('auth_user'), await count('auth_group'), await count('django_session')];
    expect(after.map((rows, index) => rows - Number(before[index]))).toEqual([2500, 12, 3000]);
    expect(json.memberships).toBeGreaterThan(2000);
    const users = await newUsers(last);
    expect(new Set(users.map(({ username }) => username)).size).toBe(2500);
    expect(users.every(({ is_superuser, is_staff }) => !is_superuser && !is_staff)).toBe(true);
    expect(users.every(({ email }) => /^[a-z0-9.]+@example\.(?:com|org|net)$/.test(String(email)))).toBe(true);
    expect(new Set(users.map(({ password }) => password)).size).toBe(1);
    expect(users[0]?.password).toMatch(/^!.{40}$/);
  });

  test('says what was added before a seed that fails, and how to go on', async () => {
    const cwd = temporaryFolder({
      'seeds/a.mjs': "export function seed() { throw new Error('no luck'); }",
      'seeds/b.mjs': 'export function seed() {}',
    });
    const before = await count('auth_user');
    const { exitCode, stdout, stderr } = await run(['--users', '3', '--no-input', '--json'], { cwd });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    const { error } = JSON.parse(stderr);
    expect(error.hint).toMatch(/Before it, 3 users, .* were added: go on with `--only a`, then `--only b`\.$/);
    expect(await count('auth_user')).toBe(before + 3);
  });

  test('a seed that ends the process is no success', async () => {
    const cwd = temporaryFolder({ 'seeds/a.mjs': 'export function seed() { process.exit(0); }' });
    const { exitCode, stdout, stderr } = await runManage(['populate_db', '--only', 'a', '--no-input'], {
      db,
      env,
      cwd,
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain('ended the process before the command had finished');
  });

  test('makes sessions that Django takes, some of which are over', async () => {
    await db.query('DELETE FROM django_session');
    await run(['--users', '50', '--sessions', '200', '--no-input']);
    const sessions = await db.query('SELECT * FROM django_session ORDER BY session_key');
    for (const { session_key, session_data } of sessions) {
      expect(session_key).toMatch(/^[a-z0-9]{32}$/);
      const { data, verified } = decodeSession(String(session_data), { secretKey: env.SECRET_KEY });
      expect(verified).toBe(true);
      const [user] = await db.query('SELECT * FROM auth_user WHERE id = ?', [Number(data._auth_user_id)]);
      const hash = sessionAuthHash({ password: String(user?.password) }, { secretKey: env.SECRET_KEY });
      expect(data._auth_user_hash).toBe(hash);
    }
    const over = sessions.filter(({ expire_date }) => String(expire_date) < '2026-03-04 05:06:07').length;
    expect(over).toBeGreaterThan(20);
    expect(over).toBeLessThan(120);
  });

  test('makes the same again with the same seed, and no keys that can be guessed', async () => {
    const make = async (seed: string, secret = env.SECRET_KEY) => {
      const fresh = await createDatabase(engine, { from: 'sample' });
      await fresh.query('DELETE FROM django_session');
      const args = ['--users', '20', '--sessions', '20', '--seed', seed, '--no-input'];
      await run(args, { db: fresh, env: { SECRET_KEY: secret } });
      const users = await fresh.query('SELECT * FROM auth_user ORDER BY id');
      const sessions = await fresh.query('SELECT * FROM django_session ORDER BY session_key');
      await fresh.drop();
      return { users, sessions };
    };
    const first = await make('7');
    expect(first.sessions).toHaveLength(20);
    expect(await make('7')).toEqual(first);
    expect((await make('8')).users).not.toEqual(first.users);
    const other = await make('7', 'another secret key that is long enough');
    expect(other.users).toEqual(first.users);
    expect(other.sessions.map(({ session_key }) => session_key)).not.toEqual(
      first.sessions.map(({ session_key }) => session_key),
    );
  });

  test('makes the same on another day, with sessions that are as fresh', async () => {
    const make = async (moment: string) => {
      const fresh = await createDatabase(engine, { from: 'sample' });
      await fresh.query('DELETE FROM django_session');
      await fresh.query('DELETE FROM django_admin_log');
      const args = ['--users', '1200', '--sessions', '1500', '--log-entries', '30', '--seed', '7', '--no-input'];
      expect((await run(args, { db: fresh, now: moment })).exitCode).toBe(0);
      const rows = (table: string, order = 'id') => fresh.query(`SELECT * FROM ${table} ORDER BY ${order}`);
      const accounts = {
        users: await rows('auth_user'),
        groups: await rows('auth_group'),
        memberships: await rows('auth_user_groups'),
        permissions: await rows('auth_user_user_permissions'),
        groupPermissions: await rows('auth_group_permissions'),
        log: await rows('django_admin_log'),
      };
      const sessions = await rows('django_session', 'session_key');
      await fresh.drop();
      return { accounts, sessions };
    };
    const [first, later] = [await make(now), await make('2027-01-02T23:59:59Z')];
    expect(later.accounts).toEqual(first.accounts);
    expect(first.accounts.memberships.length).toBeGreaterThan(900);
    const days = ({ sessions }: typeof first) =>
      sessions.map(
        ({ expire_date }) => Date.parse(`${String(expire_date).slice(0, 19).replace(' ', 'T')}Z`) / 86_400_000,
      );
    const shift = days(later).map((day, index) => Math.round((day - (days(first)[index] ?? 0)) * 86_400) / 86_400);
    expect(later.sessions.map(({ session_key }) => session_key)).toEqual(
      first.sessions.map(({ session_key }) => session_key),
    );
    expect(new Set(shift)).toEqual(new Set([Date.UTC(2027, 0, 2) / 86_400_000 - Date.UTC(2026, 2, 4) / 86_400_000]));
    for (const [made, moment] of [
      [first, now],
      [later, '2027-01-02T23:59:59Z'],
    ] as const) {
      const share = days(made).filter((day) => day < Date.parse(moment) / 86_400_000).length / made.sessions.length;
      expect(share).toBeGreaterThan(0.2);
      expect(share).toBeLessThan(0.45);
    }
  });

  test('takes the next number where somebody has the name', async () => {
    const args = ['--users', '3', '--sessions', '3', '--seed', '5', '--no-input'];
    const last = await lastId();
    await run(args);
    const made = await newUsers(last);
    // As many users as before, and the names are taken.
    await db.query('DELETE FROM auth_user_groups');
    await db.query('DELETE FROM auth_user_user_permissions');
    await db.query('DELETE FROM django_admin_log');
    const unused = (await db.query('SELECT id FROM auth_user ORDER BY id LIMIT 3')).map(({ id }) => id);
    await db.query('UPDATE blogapp_post SET author_id = ?', [made[0]?.id]);
    await db.query('DELETE FROM auth_user WHERE id IN (?, ?, ?)', unused);
    expect((await run(args)).exitCode).toBe(0);
    const again = await newUsers(made.at(-1)?.id);
    expect(again).toHaveLength(3);
    expect(new Set([...made, ...again].map(({ username }) => username)).size).toBe(6);
  });

  test('can be run again', async () => {
    const args = ['--users', '30', '--groups', '40', '--sessions', '30', '--seed', '1', '--no-input'];
    expect((await run(args)).exitCode).toBe(0);
    await db.query(
      "DELETE FROM auth_user_groups WHERE user_id IN (SELECT id FROM auth_user WHERE username LIKE '%31')",
    );
    const { exitCode, stderr } = await run(args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  test('gives all new accounts the password, hashed once', async () => {
    const last = await lastId();
    const { exitCode } = await run(['--users', '3', '--sessions', '0', '--password-stdin'], { stdin: 'let me in\n' });
    expect(exitCode).toBe(0);
    const users = await newUsers(last);
    expect(await checkPassword('let me in', String(users[2]?.password))).toBe(true);
  });

  test('makes sessions for users who are there', async () => {
    await db.query('DELETE FROM django_session');
    const { json } = await run(['--users', '0', '--groups', '0', '--sessions', '9', '--no-input', '--json']);
    expect(json).toMatchObject({ users: 0, groups: 0, sessions: 9 });
    expect(await count('django_session')).toBe(9);
  });

  test('makes no sessions without a secret key, and says so', async () => {
    const { exitCode, stderr } = await run(['--users', '2', '--no-input'], { env: {} });
    expect(exitCode).toBe(0);
    expect(stderr).toContain('SECRET_KEY');
    const asked = await run(['--users', '2', '--sessions', '1', '--no-input'], { env: {} });
    expect(asked).toMatchObject({ exitCode: 1 });
    expect(asked.stderr).toContain('without a secret key');
  });

  test('asks, needs --no-input elsewhere, and refuses on protected databases', async () => {
    const before = await count('auth_user');
    const no = await run([], { answers: [['100 users, 10 groups, 50 sessions and 100 log entries', 'no']] });
    expect(no).toMatchObject({ exitCode: 0, stdout: 'Nothing was added.\n' });
    expect((await run([])).exitCode).toBe(2);
    expect((await run(['--dry-run', '-v0'])).stdout).toContain('would add');
    const cwd = temporaryFolder({ 'seeds/tags.mjs': 'export const seed = async () => {};' });
    expect((await run(['--dry-run', '--only', 'tags', '--json'], { cwd })).json).toMatchObject({
      users: 0,
      groups: 0,
      sessions: 0,
      logEntries: 0,
      seeds: ['tags'],
    });
    const cancelled = await run(['--json'], { answers: [['made-up data', 'no']] });
    expect(cancelled.json).toMatchObject({ users: 0, cancelled: true });
    const config = { databases: { default: { url: db.url, protected: true } } };
    expect((await run(['--no-input'], { config })).stderr).toContain('--allow-protected default');
    expect(await count('auth_user')).toBe(before);
  });

  test.each([
    [['--users', '-1'], 2],
    [['--users', 'many'], 2],
    [['--only', 'nope'], 1],
  ])('takes no %j', async (args, status) => {
    const before = await count('auth_user');
    expect((await run([...args, '--no-input'])).exitCode).toBe(status);
    expect(await count('auth_user')).toBe(before);
  });

  test.each(['xx', 'base', '../../etc'])('names languages for %s', async (locale) => {
    const { exitCode, stderr } = await run(['--locale', locale, '--no-input']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`There are no data in the language '${locale}'.`);
    expect(stderr).toMatch(/^(?:Choose one of \w+, .* and \d+ more\.|Did you mean \w+\?)$/m);
    expect((await run(['--locale', 'pt-BR', '--users', '1', '--sessions', '0', '--no-input'])).exitCode).toBe(0);
  });

  test('speaks other languages', async () => {
    const last = await lastId();
    expect((await run(['--users', '20', '--locale', 'ja', '--no-input'])).exitCode).toBe(0);
    const users = await newUsers(last);
    expect(
      users.some(({ first_name }) =>
        /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}/u.test(String(first_name)),
      ),
    ).toBe(true);
  });

  describe('seeds of the project', () => {
    const project = () => {
      const cwd = temporaryFolder();
      mkdirSync(join(cwd, 'seeds'));
      const write = (name: string, text: string) => writeFileSync(join(cwd, 'seeds', name), text);
      write(
        '10_groups.ts',
        "export async function seed(knex: any): Promise<void> { await knex('auth_group').insert({ name: 'Seeded' }); }\n",
      );
      return { cwd, write };
    };

    test('run after the rest, or alone', async () => {
      const { cwd, write } = project();
      write(
        '20_more.mjs',
        "export const seed = async (knex) => { await knex('auth_group').insert({ name: 'More' }); };\n",
      );
      const all = await run(['--users', '1', '--no-input', '--json'], { cwd });
      expect(all.json.seeds).toEqual(['10_groups', '20_more']);
      await db.query("DELETE FROM auth_group WHERE name = 'More'");
      const one = await run(['--only', '20_more', '--no-input', '--json'], { cwd });
      expect(one.json).toMatchObject({ users: 0, seeds: ['20_more'] });
      const names = await db.query("SELECT name FROM auth_group WHERE name IN ('Seeded', 'More') ORDER BY name");
      expect(names).toEqual([{ name: 'More' }, { name: 'Seeded' }]);
    });

    test('leave nothing behind when they fail', async () => {
      const { cwd, write } = project();
      write(
        '20_bad.js',
        "export async function seed(knex) { await knex('auth_group').insert({ name: 'Lost' }); throw new Error('no luck'); }\n",
      );
      const { exitCode, stderr } = await run(['--only', '20_bad', '--no-input'], { cwd });
      expect(exitCode).toBe(1);
      expect(stderr).toContain("The seed '20_bad' failed: no luck");
      expect(await db.query("SELECT * FROM auth_group WHERE name = 'Lost'")).toEqual([]);
      write('30_empty.js', 'export {};\n');
      expect((await run(['--only', '30_empty', '--no-input'], { cwd })).stderr).toContain("exports no function 'seed'");
    });
  });

  test('seeds of this package run alone too, again and again', async () => {
    const alone = async (...args: string[]) => (await run([...args, '--no-input', '--json'])).json;
    const before = [await count('auth_user'), await count('auth_group'), await count('django_session')];
    for (const round of [1, 2]) {
      expect(await alone('--only', 'groups', '--groups', '4')).toMatchObject({ groups: 4, users: 0, seeds: [] });
      expect(await alone('--only', 'users', '--users', '5')).toMatchObject({ groups: 0, users: 5, sessions: 0 });
      expect(await alone('--only', 'sessions', '--sessions', '6')).toMatchObject({ users: 0, sessions: 6 });
      expect(await alone('--only', 'log_entries', '--log-entries', '7')).toMatchObject({ sessions: 0, logEntries: 7 });
      const after = [await count('auth_user'), await count('auth_group'), await count('django_session')];
      expect(after.map((rows, index) => rows - Number(before[index]))).toEqual([5 * round, 4 * round, 6 * round]);
    }
    const names = await db.query('SELECT name FROM auth_group');
    expect(new Set(names.map(({ name }) => name)).size).toBe(names.length);
  });

  test('seeds of a project come after those of this package, and in the order that they name', async () => {
    const insert = (name: string) => `await knex('auth_group').insert({ name: '${name}' })`;
    const cwd = temporaryFolder({
      'seeds/a.mjs': `export const dependencies = ['b', 'users']; export const seed = async (knex) => { ${insert('A')}; };`,
      'seeds/b.mjs': `export const seed = async (knex) => { ${insert('B')}; };`,
      'seeds/users.mjs': `export const seed = async (knex) => { ${insert('Users')}; };`,
    });
    const all = await run(['--users', '2', '--groups', '0', '--no-input', '--json'], { cwd });
    expect(all.json).toMatchObject({ users: 2, seeds: ['b', 'users', 'a'] });
    await db.query("DELETE FROM auth_group WHERE name = 'Users'");
    expect((await run(['--only', 'users', '--no-input', '--json'], { cwd })).json).toMatchObject({
      users: 0,
      seeds: ['users'],
    });
    const circle = temporaryFolder({
      'seeds/a.mjs': "export const dependencies = ['b']; export function seed() {}",
      'seeds/b.mjs': "export const dependencies = ['a']; export function seed() {}",
    });
    expect((await run(['--no-input'], { cwd: circle })).stderr).toContain('depend on each other in a circle');
  });

  test('fills a user model of another kind', async () => {
    await db.query(
      `CREATE TABLE members_member (id ${engine === 'sqlite' ? 'char(32)' : 'uuid'} PRIMARY KEY, password varchar(128) NOT NULL,
       email varchar(254) NOT NULL UNIQUE, full_name varchar(20) NOT NULL, born date NOT NULL, is_active bool NOT NULL)`,
    );
    const fields = {
      id: { type: 'UUIDField', primaryKey: true, default: { computed: 'uuid4' } },
      password: { type: 'CharField', maxLength: 128 },
      email: { type: 'EmailField', unique: true },
      full_name: { type: 'CharField', maxLength: 20 },
      born: { type: 'DateField' },
      is_active: { type: 'BooleanField', default: { value: true } },
    } as const;
    const auth = {
      usernameField: 'email',
      requiredFields: [],
      passwordField: 'password',
      activeField: 'is_active',
      superuserValues: {},
    };
    const config = { userModel: 'members.member', apps: [{ label: 'members', models: { Member: { fields, auth } } }] };
    const { json, exitCode, stderr } = await run(
      ['--users', '40', '--sessions', '5', '--log-entries', '0', '--no-input', '--json'],
      { config },
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(json).toMatchObject({ users: 40, memberships: 0, sessions: 5 });
    expect(await count('members_member')).toBe(40);
  });
});
