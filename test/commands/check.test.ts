import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type Engine, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

const SECRET_KEY = 'a-long-enough-key-0123456789-abcdefghijklmnopqrstuvwxyz';
const env = { SECRET_KEY };
const fine = 'System check identified no issues (0 silenced).\n';
const zone =
  "Timestamps in 'default' are taken to be in UTC, as Django with USE_TZ on has them. Set `useTz: false` if it is off there.\n";
const said: Record<Engine, string> = { sqlite: zone, postgres: '', mariadb: zone };

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
  });
  afterEach(() => db.drop());

  const check = (...args: string[]) => manage(['check', ...args], { db, env });
  const found = async (...args: string[]): Promise<[string, string][]> => {
    const { json } = await check('--json', ...args);
    return json.findings.map(({ id, object }: { id: string; object: string }) => [id, object]);
  };
  const change = async (...statements: string[]) => {
    for (const sql of statements) await db.query(sql);
  };

  it("finds nothing wrong with Django's sample database, and says how it reads timestamps", async () => {
    const sample = await createDatabase(engine, { from: 'sample' });
    expect(await manage(['check'], { db: sample, env })).toMatchObject({
      exitCode: 0,
      stdout: fine,
      stderr: said[engine],
    });
    const { json } = await manage(['check', '--json', '--fail-level', 'DEBUG'], { db: sample, env });
    expect(json).toEqual({
      databases: [{ alias: 'default', target: expect.any(String), timeZone: engine === 'postgres' ? null : 'UTC' }],
      findings: [],
      silenced: 0,
    });
    await sample.drop();
  });

  it('says what a database of another zone is taken for', async () => {
    const config = { useTz: false, timeZone: 'Europe/Berlin' };
    const { stderr } = await manage(['check'], { db, env, config });
    const local: Record<Engine, string> = {
      sqlite: "Timestamps in 'default' are taken to be in Europe/Berlin, as Django with USE_TZ off",
      postgres: '',
      mariadb: "Timestamps in 'default' are taken to be in Europe/Berlin, as Django with USE_TZ off",
    };
    expect(stderr).toContain(local[engine]);
  });

  it('warns of migrations that are not applied, and not of what they will make', async () => {
    expect(await check()).toMatchObject({
      exitCode: 0,
      stdout: `System check identified some issues:

WARNINGS:
databases.default: (manage.W001) There are 18 unapplied migration(s) for app(s) admin, auth, contenttypes, sessions in the database 'default'.
	HINT: Run \`manage migrate\` to apply them.

System check identified 1 issue (0 silenced).
`,
    });
    expect((await check('--fail-level', 'WARNING')).exitCode).toBe(1);
    await manage(['migrate', 'auth', '0006', '-v0'], { db });
    expect(await found('auth')).toEqual([
      ['manage.W001', 'databases.default'],
      ['manage.W014', 'auth_group.name'],
      ['manage.W014', 'auth_user.username'],
      ['manage.W014', 'auth_user.first_name'],
      ['manage.W014', 'auth_user.last_name'],
    ]);
    await manage(['migrate', '-v0'], { db });
    expect((await check()).stdout).toBe(fine);
  });

  it('names every difference from the models', async () => {
    await manage(['migrate', '-v0'], { db });
    await change(
      'ALTER TABLE auth_user RENAME COLUMN email TO mail',
      'ALTER TABLE auth_group ADD COLUMN note text',
      `DROP INDEX django_session_expire_date_a5c62663${engine === 'mariadb' ? ' ON django_session' : ''}`,
      'CREATE TABLE auth_message (id integer PRIMARY KEY)',
      'CREATE TABLE new__auth_user (id integer PRIMARY KEY)',
      'CREATE TABLE authors_book (id integer PRIMARY KEY)',
      'CREATE TABLE auth_token_token (id integer PRIMARY KEY)',
      "INSERT INTO django_migrations (app, name, applied) VALUES ('auth_token', '0001_initial', '2026-01-01'), ('auth', '0013_later', '2026-01-01')",
      'DROP TABLE django_admin_log',
    );
    const { exitCode, stdout } = await check();
    expect(exitCode).toBe(1);
    expect(stdout).toBe(`System check identified some issues:

ERRORS:
django_admin_log: (manage.E010) The table is missing in the database 'default'.
	HINT: No migration is left that would make it: restore it, or make it empty with \`manage sqlall admin.LogEntry | manage dbshell\` (\`sqlall admin\` where all tables of the app are missing).
auth_user.email: (manage.E012) The column is missing in the database 'default'.
	HINT: Add the column, or take the field out of the model.
auth_user.mail: (manage.E013) The column belongs to no field of the model in the database 'default', and demands a value: no row can be added.
	HINT: Give it a default, let it be NULL, or declare a field for it.

WARNINGS:
auth.0013_later: (manage.W002) The migration auth.0013_later is applied to the database 'default', and does not exist here.
	HINT: A newer version may have made it; \`manage migrate APP --prune\` forgets it.
auth_group.note: (manage.W041) The column belongs to no field of the model in the database 'default'.
	HINT: Declare a field for it, or drop it if it is unused.
django_session: (manage.W044) The table has no index "django_session_expire_date_a5c62663" on expire_date in the database 'default'.
	HINT: Without it queries are slow.
auth_message: (manage.W040) The table belongs to no model in the database 'default'.
	HINT: Drop it if it is unused.
new__auth_user: (manage.W040) The table belongs to no model in the database 'default'.
	HINT: Drop it if it is unused.

System check identified 8 issues (0 silenced).
`);
    expect(await found('sessions')).toEqual([['manage.W044', 'django_session']]);
    expect(await found('contenttypes')).toEqual([]);
    // Nobody is sent to migrate, which would do nothing.
    await db.query('DROP TABLE django_session');
    expect((await manage(['listsessions'], { db })).stderr).toContain(
      "All migrations of 'sessions' are recorded as applied: restore it, or make it empty with `manage sqlall sessions.Session",
    );
  });

  it('names constraints that are missing', async () => {
    await manage(['migrate', '-v0'], { db });
    const sql: Record<Engine, string[]> = {
      sqlite: [
        'DROP INDEX auth_permission_content_type_id_codename_01ab375a_uniq',
        'PRAGMA writable_schema = ON',
        'CREATE TABLE plain (id integer)',
      ],
      postgres: [
        'ALTER TABLE auth_permission DROP CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq',
        'ALTER TABLE django_admin_log DROP CONSTRAINT django_admin_log_user_id_c564eba6_fk_auth_user_id',
        'ALTER TABLE django_session DROP CONSTRAINT django_session_pkey',
        'ALTER TABLE auth_user ALTER COLUMN last_login SET NOT NULL, ALTER COLUMN first_name DROP NOT NULL',
      ],
      mariadb: [
        'CREATE INDEX other ON auth_permission (content_type_id)',
        'ALTER TABLE auth_permission DROP INDEX auth_permission_content_type_id_codename_01ab375a_uniq',
        'ALTER TABLE django_admin_log DROP FOREIGN KEY django_admin_log_user_id_c564eba6_fk_auth_user_id',
        'ALTER TABLE django_session DROP PRIMARY KEY',
        'ALTER TABLE auth_user MODIFY first_name varchar(150) NULL',
      ],
    };
    await change(...sql[engine]);
    const { json } = await check('--json');
    for (const { id, hint } of json.findings) expect(hint, id).toMatch(/^[A-Z].*\.$/);
    const sentences = json.findings.map(({ id, message }: { id: string; message: string }) => `${id} ${message}`);
    const unique = `manage.E018 The table has no unique constraint "auth_permission_content_type_id_codename_01ab375a_uniq" on content_type_id, codename in the database 'default'.`;
    const expected: Record<Engine, string[]> = {
      sqlite: [unique],
      postgres: [
        `manage.E019 The table has no foreign key "django_admin_log_user_id_c564eba6_fk_auth_user_id" on user_id to auth_user (id) in the database 'default'.`,
        unique,
        `manage.E015 The column is NOT NULL and should be NULL in the database 'default'.`,
        `manage.E017 The table has no primary key "django_session_pkey" on session_key in the database 'default'.`,
        `manage.W042 The column is NULL and should be NOT NULL in the database 'default'.`,
      ],
      mariadb: [
        `manage.E019 The table has no foreign key "django_admin_log_user_id_c564eba6_fk_auth_user_id" on user_id to auth_user (id) in the database 'default'.`,
        unique,
        `manage.E017 The table has no primary key "PRIMARY" on session_key in the database 'default'.`,
        `manage.W042 The column is NULL and should be NOT NULL in the database 'default'.`,
      ],
    };
    expect(sentences).toEqual(expected[engine]);
  });

  it('takes tables whose names differ in case for one where the database does', async () => {
    const shared = { fields: { id: { type: 'BigAutoField', primaryKey: true } } } as const;
    const models = { One: { ...shared, table: 'shared' }, Two: { ...shared, table: 'Shared' } };
    const config = { apps: [{ label: 'shop', models: { ...models, Three: { ...shared, table: 'Shared' } } }] };
    const args = ['check', '--json', '--tag', 'models'];
    const told = async (...more: string[]) =>
      (await manage([...more, ...args], { db, env, ...(more.length > 0 ? {} : { config }) })).json.findings.map(
        ({ object, message }: { object: string; message: string }) => `${object}: ${message.split(': ')[1]}`,
      );
    const isExact = engine === 'postgres';
    expect(await told()).toEqual([
      isExact ? 'Shared: shop.two, shop.three.' : 'shared: shop.one, shop.two, shop.three.',
    ]);
    if (engine === 'sqlite') return;
    const quote = (name: string) => (engine === 'mariadb' ? `\`${name}\`` : `"${name}"`);
    for (const table of ['shared', 'Shared']) await db.query(`CREATE TABLE ${quote(table)} (id bigint PRIMARY KEY)`);
    expect(await told()).toEqual(['Shared: shop.two, shop.three.']);
    expect(await told('--introspect')).toEqual([]);
  });

  it('accepts keys of the other width', async () => {
    await manage(['migrate', '-v0'], { db });
    if (engine === 'postgres') {
      await change(
        'ALTER TABLE auth_user_groups ALTER COLUMN id TYPE integer',
        'ALTER TABLE django_migrations ALTER COLUMN id TYPE integer',
        'ALTER TABLE auth_user ALTER COLUMN id TYPE bigint',
        'ALTER TABLE auth_user_groups ALTER COLUMN user_id TYPE bigint',
      );
    }
    expect((await check()).stdout).toBe(fine);
  });

  it('says what is wrong with migrations', async () => {
    await manage(['migrate', '-v0'], { db });
    await change("DELETE FROM django_migrations WHERE name = '0001_initial' AND app = 'auth'");
    expect(await found()).toEqual([['manage.E002', 'databases.default']]);
    const cwd = temporaryFolder({
      'migrations/nobodys/0001_initial.js': '',
      'migrations/shop/0001_initial.js': 'throw 1',
    });
    const config = { apps: [{ label: 'shop', models: {} }] };
    const { json, exitCode } = await manage(['check', '--json', '--tag', 'migrations'], { db, env, cwd, config });
    expect(exitCode).toBe(1);
    expect(json.findings).toMatchObject([
      { id: 'manage.E002', level: 'ERROR', message: expect.stringContaining('shop.0001_initial cannot be loaded') },
      { id: 'manage.W003', object: join(cwd, 'migrations/nobodys') },
    ]);
  });
});

describe('databases', () => {
  it('are all looked at, or those that are named', async () => {
    const cwd = temporaryFolder();
    const one = await createDatabase('sqlite');
    const options = { cwd, env: { ...env, DATABASE_URL_OTHER: 'sqlite:///missing.db' }, db: one };
    const all = await manage(['check', '--json'], options);
    expect(all.exitCode).toBe(1);
    expect(all.json.findings).toMatchObject([
      {
        id: 'manage.E001',
        level: 'ERROR',
        object: 'databases.other',
        message: `The database '${join(cwd, 'missing.db')}' does not exist.`,
      },
      { id: 'manage.W001', object: 'databases.default' },
    ]);
    expect((await manage(['check', '--database', 'default'], options)).exitCode).toBe(0);
    expect((await manage(['check', '--database', 'other', '--database', 'default'], options)).exitCode).toBe(1);
    expect((await manage(['check', '--database', 'nope'], options)).exitCode).toBe(2);
    await one.drop();
  });
});

describe('the settings', () => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase('sqlite', { from: 'sample' });
  });
  afterEach(() => db.drop());
  const run = (more: Record<string, string>, ...args: string[]) =>
    manage(['check', '--json', ...args], { db, env: more });
  const ids = async (more: Record<string, string>, ...args: string[]) =>
    (await run(more, ...args)).json.findings.map(({ id }: { id: string }) => id);

  it.each<[string, Record<string, string>, string[], string[]]>([
    ['no secret key', {}, [], ['manage.W020']],
    ['a short one', { SECRET_KEY: 'x'.repeat(49) }, [], ['manage.W021']],
    ['one of few characters', { SECRET_KEY: 'abcd'.repeat(20) }, [], ['manage.W021']],
    ['one that Django made for development', { SECRET_KEY: `django-insecure-${SECRET_KEY}` }, [], []],
    ['a fair one', env, [], []],
  ])('with %s', async (_what, more, args, expected) => {
    expect(await ids(more, '--tag', 'security', ...args)).toEqual(expected);
  });

  it('are looked at more closely with --deploy', async () => {
    const filename = db.url.replace('sqlite:///', '');
    chmodSync(filename, 0o644);
    const more = { SECRET_KEY: `django-insecure-${SECRET_KEY}`, SECRET_KEY_FALLBACKS: 'short' };
    expect(await ids(more, '--deploy')).toEqual([
      'manage.W022',
      'manage.W023',
      'manage.W027',
      'manage.I028',
      'manage.I040',
      'manage.I065',
    ]);
    chmodSync(filename, 0o640);
    const config = {
      databases: { default: { url: db.url, protected: true } },
      passwordHashers: ['md5'],
      passwordValidators: [],
      session: { cookieSecure: true, cookieHttpOnly: false },
      csrf: { mode: 'off' },
    } as const;
    const cwd = temporaryFolder({ '.env': '' });
    chmodSync(join(cwd, '.env'), 0o644);
    const { json, stdout } = await manage(['check', '--deploy', '--json'], { cwd, env, config });
    expect(json.findings.map(({ id }: { id: string }) => id)).toEqual([
      'manage.W024',
      'manage.W025',
      'manage.W029',
      'manage.W051',
      'manage.W052',
      'manage.I065',
    ]);
    expect(stdout).not.toContain(SECRET_KEY);
  });

  it('looks at each .env file that is read', async () => {
    const files = {
      'manage.config.json': '{"databases":{"default":{"url":"sqlite::memory:"}}}',
      '.env': '',
      'deep/.env': '',
    };
    const root = temporaryFolder(files);
    for (const file of ['.env', 'deep/.env']) chmodSync(join(root, file), 0o644);
    const line = ['check', '--deploy', '--json', '--tag', 'security'];
    const { json } = await manage(line, { cwd: join(root, 'deep'), env });
    const readable = json.findings.filter(({ id }: { id: string }) => id === 'manage.W029');
    expect(readable.map(({ object }: { object: string }) => object)).toEqual([
      join(root, '.env'),
      join(root, 'deep', '.env'),
    ]);
  });

  it.each<[string, string[]]>([
    ['', ['manage.W026']],
    ['?sslmode=require', ['manage.I026']],
    ['?sslmode=verify-full', []],
  ])('with a server elsewhere and %j', async (query, expected) => {
    const { json } = await manage(['check', '--deploy', '--json', '--tag', 'security'], {
      env: { ...env, DATABASE_URL: `postgres://u:p@192.0.2.1.invalid/x${query}` },
    });
    const known = json.findings
      .map(({ id }: { id: string }) => id)
      .filter((id: string) => !['manage.I028', 'manage.I040'].includes(id));
    expect(known).toEqual(expected);
  });

  it('that are wrong are an error before anything is checked', async () => {
    const { exitCode, stderr } = await manage(['check'], { db, config: { apps: [{ label: 'a-b', models: {} }] } });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("The app label 'a-b' is not a name.");
  });
});

describe('the models', () => {
  const text = (maxLength: number) => ({ type: 'CharField', maxLength }) as const;
  const app = {
    label: 'shop',
    models: {
      One: { table: 'shared', fields: { a: text(1) }, permissions: { add_one: 'Again', ['c'.repeat(101)]: 'Long' } },
      Two: { table: 'Shared', verboseName: 'v'.repeat(250), fields: { a: text(1) } },
      User: {
        fields: { name: text(5), password: text(128) },
        auth: { usernameField: 'name', requiredFields: ['name'], passwordField: 'password', superuserValues: {} },
      },
    },
  } as const;

  it('are checked for what Django checks', async () => {
    const db = await createDatabase('sqlite');
    const config = { apps: [app], userModel: 'shop.user' };
    const { json } = await manage(['check', '--json', '--tag', 'models'], { db, env, config });
    for (const { id, hint } of json.findings) expect(hint, id).toMatch(/^[A-Z].*\.$/);
    expect(json.findings.map(({ id, object }: { id: string; object: string }) => [id, object])).toEqual([
      ['manage.E030', 'shared'],
      ['manage.E031', 'shop.one'],
      ['manage.E032', 'shop.one'],
      ['manage.E033', 'shop.two'],
      ['manage.E033', 'shop.two'],
      ['manage.E033', 'shop.two'],
      ['manage.E033', 'shop.two'],
      ['manage.E034', 'shop.user'],
      ['manage.W034', 'shop.user'],
    ]);
    await db.drop();
  });
});

describe('tags', () => {
  it('are listed, and chosen', async () => {
    const db = await createDatabase('sqlite');
    expect((await manage(['check', '--list-tags'], { db, env })).stdout).toBe(
      'database\nmigrations\nmodels\npeople\nschema\nsecurity\n',
    );
    expect((await manage(['check', '--list-tags', '--json'], { db, env })).json).toEqual({
      tags: ['database', 'migrations', 'models', 'people', 'schema', 'security'],
    });
    expect((await manage(['check', '-t', 'schema', '--tag', 'models'], { db, env })).stdout).toBe(fine);
    const wrong = await manage(['check', '--tag', 'nope'], { db, env });
    expect(wrong).toMatchObject({ exitCode: 1, stdout: '' });
    expect(wrong.stderr).toContain('There is no system check with the "nope" tag.');
    expect(wrong.stderr).toContain('Known are database, migrations, models, people, schema, security');
    const tags = await manage(['completion', 'complete', '--', 'check', '--tag', 'm'], { db, env });
    expect(tags.stdout).toBe('migrations\nmodels\n');
    const unknown = await manage(['check', 'nope'], { db, env });
    expect(unknown).toMatchObject({ exitCode: 1, stdout: '' });
    expect(unknown.stderr).toContain("No installed app with label 'nope'.");
    await db.drop();
  });
});

it('says that the schema which the URL names is not there', async () => {
  const db = await createDatabase('postgres', { from: 'sample' });
  const url = `${db.url}${db.url.includes('?') ? '&' : '?'}schema=nowhere`;
  const { json, exitCode } = await manage(['check', '--json'], { db: { url }, env });
  expect(exitCode).toBe(1);
  expect(json.findings).toEqual([
    expect.objectContaining({
      id: 'manage.E001',
      message: expect.stringContaining("has no schema 'nowhere'"),
      hint: expect.stringContaining('CREATE SCHEMA'),
    }),
  ]);
  await db.drop();
});

it('goes on where a table may not be read, and says so', async () => {
  const db = await createDatabase('postgres', { from: 'sample' });
  const role = `manage_test_${process.pid}_checker`;
  await db.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'`);
  const url = new URL(db.url);
  [url.username, url.password] = [role, 'x'];
  const { json, exitCode } = await manage(['check', '--json'], { db: { url: url.href }, env });
  expect(exitCode).toBe(1);
  expect(json.findings).toEqual(
    ['manage.E002', 'manage.E003'].map((id) =>
      expect.objectContaining({
        id,
        object: 'databases.default',
        message: expect.stringContaining('permission denied for table django_migrations'),
        hint: expect.stringContaining('GRANT'),
      }),
    ),
  );
  await db.query(`DROP ROLE ${role}`);
  await db.drop();
});
