import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';
import { secretKey } from '../sessions/site.js';

const members = join(import.meta.dirname, '../../examples/members/manage.config.ts');
const env = { SECRET_KEY: secretKey };
const good = 'Nfe2RePun70C';

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
    expect((await manage(['migrate', '-v0', '--config', members], { db, env })).exitCode).toBe(0);
  });
  afterEach(() => db.drop());

  /** As a flag, and as a setting. */
  const ways: [string, readonly string[], { apps?: 'introspect'; passwordHashers: string[] }][] = [
    ['--introspect', ['--introspect'], { passwordHashers: ['md5'] }],
    ["apps: 'introspect'", [], { apps: 'introspect', passwordHashers: ['md5'] }],
  ];

  test.each(ways)('%s: commands about accounts use the model that is in the database', async (_, flags, config) => {
    const run = (args: string[], stdin = '') => manage([...args, ...flags], { db, env, config, stdin });
    const created = await run(['createsuperuser', '--no-input', '--email=a@example.com', '--field=full_name=Ada']);
    expect(created).toMatchObject({ exitCode: 0, stdout: 'Superuser created successfully.\n' });
    // What has a default in Django, and none in the database, is filled.
    expect((await run(['createuser', '--no-input', '--email=b@example.com'])).exitCode).toBe(0);
    expect((await run(['listusers', '--json'])).json.users).toHaveLength(2);
    const rows = await db.query('SELECT * FROM members_member ORDER BY email');
    const [yes, no] = engine === 'postgres' ? [true, false] : [1, 0];
    expect(rows).toMatchObject([
      { email: 'a@example.com', full_name: 'Ada', is_active: yes, is_superuser: yes },
      { email: 'b@example.com', full_name: '', is_active: yes, is_superuser: no },
    ]);
    expect(String(rows[1]?.id).replaceAll('-', '')).toMatch(/^[0-9a-f]{12}4[0-9a-f]{19}$/);
    expect((await run(['changepassword', 'a@example.com', '--password-stdin'], good)).exitCode).toBe(0);
    const upgrade = ['checkpassword', 'a@example.com', '--password-stdin', '--upgrade', '--json'];
    expect((await run(upgrade, good)).json).toMatchObject({ matches: true });
    expect((await run(['check', '--json'])).json.findings).toEqual([]);
    expect((await run(['migrate', '--check'])).exitCode).toBe(0);
  });

  test('a model whose columns do not tell how it keeps accounts is named, until somebody says it', async () => {
    await db.query('ALTER TABLE members_member RENAME COLUMN password TO pw_hash');
    const run = (args: string[], config: object = { apps: 'introspect' }) => manage(args, { db, env, config });
    const { exitCode, stderr } = await run(['listusers']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      "The accounts of this database are in 'members_member', whose columns do not tell which are names and passwords: " +
        "give 'members.member' an `auth` block, in its definition or in `overrides`.",
    );
    expect(stderr).not.toContain('manage migrate');
    const { findings } = (await run(['check', '--json'])).json;
    expect(findings.map(({ id, object }: { id: string; object: string }) => `${id} ${object}`)).toEqual([
      'manage.E020 auth.user',
    ]);
    // What is there is dumped: Django has no auth.User where accounts are in another model.
    for (const labels of [[], ['auth', 'members']]) {
      const { stdout, exitCode: status } = await run(['dumpdata', ...labels]);
      expect(status).toBe(0);
      expect(JSON.parse(stdout).map(({ model }: { model: string }) => model)).toContain('auth.permission');
    }
    expect((await run(['dumpdata', 'auth.User'])).stderr).toContain("no table 'auth_user'");

    const auth = { usernameField: 'email', passwordField: 'pw_hash', requiredFields: [], superuserValues: {} };
    const config = { apps: 'introspect', overrides: { 'members.Member': { auth } } };
    expect((await run(['createuser', '--email=a@example.com', '--no-input'], config)).exitCode).toBe(0);
    expect((await run(['listusers', '--json'], config)).json.users).toMatchObject([{ email: 'a@example.com' }]);
  });

  test('`userModel` beside `introspect` names it, and must be there', async () => {
    const run = (userModel: string) =>
      manage(['listusers', '--json'], { db, env, config: { apps: 'introspect', userModel } });
    expect((await run('members.Member')).json.users).toEqual([]);
    expect((await run('members.Membr')).stderr).toContain("The user model 'members.Membr' is not declared by any app.");
    // Settings may be about several databases.
    expect((await run('elsewhere.Person')).json.users).toEqual([]);
  });

  test('its rows are dumped by their natural keys, and loaded', async () => {
    const run = (args: string[], stdin = '') => manage([...args, '--introspect'], { db, env, stdin });
    await run(['createuser', '--no-input', '--email=a@example.com']);
    const dumped = await run(['dumpdata', 'members', '--natural-primary', '--natural-foreign']);
    expect(JSON.parse(dumped.stdout)).toMatchObject([{ model: 'members.member', fields: { email: 'a@example.com' } }]);
    expect(JSON.parse(dumped.stdout)[0]).not.toHaveProperty('pk');
    expect(await run(['loaddata', '--format', 'json', '-'], dumped.stdout)).toMatchObject({
      exitCode: 0,
      stdout: 'Installed 1 object(s) from 1 fixture(s)\n',
    });
    expect(await db.query('SELECT email FROM members_member')).toHaveLength(1);
  });

  test('its key is made or asked for, and never NULL or empty', async () => {
    const own = await createDatabase(engine);
    onTestFinished(() => own.drop());
    const run = (...args: string[]) => manage(['--introspect', 'createuser', '--no-input', ...args], { db: own, env });
    const fields = 'password varchar(128) NOT NULL, last_login timestamp NULL, email varchar(99) NOT NULL UNIQUE';
    await own.query(`CREATE TABLE people (id ${engine === 'postgres' ? 'uuid' : 'char(32)'} PRIMARY KEY, ${fields})`);
    expect((await run('--email=a@example.com')).exitCode).toBe(0);
    expect(await own.query('SELECT email FROM people WHERE id IS NOT NULL')).toHaveLength(1);
    for (const notNull of ['', 'NOT NULL']) {
      await own.query('DROP TABLE people');
      await own.query(`CREATE TABLE people (id varchar(36) ${notNull} PRIMARY KEY, ${fields})`);
      expect((await run('--email=b@example.com')).stderr).toContain(
        "CommandError: A new row of 'people' needs a value for its key 'id'.",
      );
      expect(await run('--email=b@example.com', '--field=id=p-1')).toMatchObject({ exitCode: 0 });
      expect(await own.query('SELECT id FROM people')).toEqual([{ id: 'p-1' }]);
    }
  });
});
