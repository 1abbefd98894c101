import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, type TestContext, test } from 'vitest';
import {
  createDatabase,
  type Engine,
  engines,
  forEachEngine,
  type TestDatabase,
  untilSomebodyWaits,
} from './helpers/databases.js';
import { type ManageOptions, type ManageResult, manage, temporaryFolder } from './helpers/manage.js';

/*
 * Cases from public bug reports about Django and the tools around it, under the numbers that they were collected with.
 * `npm run cases` prints the command lines and what each of them gives.
 */

const databases: TestDatabase[] = [];
afterEach(async () => {
  for (const database of databases.splice(0)) await database.drop();
});

/** A copy of the database that Django made, or an empty one, after these statements. */
async function prepared(
  engine: Engine,
  statements: readonly string[] = [],
  from: 'sample' | 'empty' = 'sample',
): Promise<TestDatabase> {
  const db = await createDatabase(engine, { from });
  databases.push(db);
  for (const statement of statements) await db.query(statement);
  return db;
}

const nameOf = ({ url }: TestDatabase) => new URL(url).pathname.slice(1);

/** Runs command lines, notes what they print for `npm run cases`, and resolves with their results. */
async function run(
  { annotate }: TestContext,
  lines: readonly string[],
  options: ManageOptions,
): Promise<ManageResult[]> {
  const results: ManageResult[] = [];
  for (const line of lines) {
    const result = await manage(line.split(' '), options);
    results.push(result);
    const printed = `${result.stdout}${result.stderr}`.trimEnd();
    await annotate(`$ manage ${line}\n${printed.slice(0, 1500)}\n(status ${result.exitCode})`);
  }
  return results;
}

const statuses = (results: readonly ManageResult[]) => results.map(({ exitCode }) => exitCode);
const errors = (results: readonly ManageResult[]) => results.map(({ stderr }) => stderr);

forEachEngine((engine) => {
  test('1: two columns that would have one name are both fields', async (context) => {
    const db = await prepared(engine, [
      'create table note2 (id integer primary key, "owner" text, owner_id int not null references auth_user(id))',
      'create table note1 (id integer primary key, user_id int references auth_user(id), "user" text)',
      `insert into note2 values (1, 'by hand', 2)`,
      `insert into note1 values (1, 3, 'typed')`,
    ]);
    const [dump, inspected] = await run(context, ['--introspect dumpdata tables', 'inspectdb note2'], { db });
    expect(dump?.json).toMatchObject([
      { model: 'tables.note1', fields: { user: 3, user_0: 'typed' } },
      { model: 'tables.note2', fields: { owner: 'by hand', owner_0: 2 } },
    ]);
    expect(inspected?.stdout).toContain("owner_0: { type: 'ForeignKey', to: 'auth.user', column: 'owner_id'");
  });

  test('4: content types of another database do not move rights to other models', async (context) => {
    const db = await prepared(engine);
    const file = join(import.meta.dirname, 'data/fixtures/contenttypes-of-another-database.json');
    const before = await db.query('SELECT id, app_label, model FROM django_content_type ORDER BY id');
    const results = await run(context, [`loaddata -i ${file}`], { db });
    expect(statuses(results)).toEqual([1]);
    expect(errors(results)[0]).toContain(
      "'admin.logentry.add_logentry' would become 'activities.activity.add_logentry'",
    );
    expect(await db.query('SELECT id, app_label, model FROM django_content_type ORDER BY id')).toEqual(before);
  });

  test('9, 10, 11: junk around JSON is shown, XML and UTF-16 are read', async (context) => {
    const db = await prepared(engine);
    const group = (name: string) => `[{"model": "auth.group", "fields": {"name": "${name}"}}]`;
    const cwd = temporaryFolder({
      'before.json': `Main site registered 2 index(es).\n${group('x')}\n`,
      'after.json': `${group('x')}\n ›   Warning: update available\n`,
    });
    const xml = (name: string) =>
      `<?xml version="1.0" encoding="iso-8859-1"?><django-objects version="1.0"><object model="auth.group"><field name="name" type="CharField">${name}</field></object></django-objects>`;
    await writeFile(join(cwd, 'latin.xml'), Buffer.from(xml('Café'), 'latin1'));
    await writeFile(join(cwd, 'little.json'), Buffer.from(group('Crème'), 'utf16le'));
    await writeFile(join(cwd, 'big.json'), Buffer.from(group('Brûlée'), 'utf16le').swap16());
    const files = ['before.json', 'after.json', 'latin.xml', 'little.json', 'big.json'];
    const results = await run(
      context,
      files.map((file) => `loaddata ${file}`),
      { db, cwd },
    );
    expect(statuses(results)).toEqual([1, 1, 0, 0, 0]);
    expect(errors(results)[0]).toContain(
      'line 1: it does not begin with `[`, but with "Main site registered 2 index(es)."',
    );
    expect(errors(results)[1]).toContain('record 2, line 2: there is "›   Warning: update available" where a record');
    const loaded = await db.query("SELECT name FROM auth_group WHERE name IN ('Café', 'Crème', 'Brûlée') ORDER BY id");
    expect(loaded.map(({ name }) => name)).toEqual(['Café', 'Crème', 'Brûlée']);
  });

  test('14: a name that nobody has is explained', async (context) => {
    const db = await prepared(engine, [
      `UPDATE auth_user SET username = 'adm', email = 'a@example.com' WHERE username = 'user.01@+-_'`,
    ]);
    const results = await run(context, ['changepassword a@example.com --generate', 'changepassword Adm --generate'], {
      db,
    });
    expect(statuses(results)).toEqual([1, 1]);
    expect(errors(results)[0]).toContain("'adm' has this address");
    expect(errors(results)[1]).toContain("Did you mean 'adm'?");
  });
});

test('2: a # in the middle of a secret key does not cut it', async (context) => {
  const key = 'django-insecure-ab#cd$ef(gh)0123456789abcdefghijklmnopqrstuvwxyz';
  const cwd = temporaryFolder({ 'package.json': '{}', '.env': `SECRET_KEY=${key}\n` });
  const [settings] = await run(context, ['diffsettings --show-secrets'], { cwd });
  expect(settings?.stdout).toContain(key);
});

test.runIf(engines.includes('sqlite'))('3: ends of sessions are understood in every form', async (context) => {
  const db = await prepared('sqlite', ['DELETE FROM django_session']);
  const now = '2026-11-21T12:00:00Z';
  const ends = {
    later: 1893456000000,
    ended: '2026-11-21T11:00:00Z',
    offset: '2026-11-21 13:00:00+02:00',
    odd: 'soon',
  };
  for (const [key, end] of Object.entries(ends)) {
    await db.query('INSERT INTO django_session VALUES (?, ?, ?)', [key, 'x', end]);
  }
  const [, cleared] = await run(context, ['listsessions', 'clearsessions'], { db, now });
  expect(cleared?.stdout).toBe('Removed 2 expired sessions.\n');
  const left = await db.query('SELECT session_key FROM django_session ORDER BY 1');
  expect(left.map(({ session_key }) => session_key)).toEqual(['later', 'odd']);
});

test.runIf(engines.includes('sqlite'))('5: a reference to a table that is gone is named', async (context) => {
  const db = await prepared('sqlite');
  const [made] = await db.query("SELECT sql FROM sqlite_master WHERE name = 'auth_user'");
  await db.query('ALTER TABLE auth_user RENAME TO auth_user__old');
  await db.query(String(made?.sql));
  await db.query('INSERT INTO auth_user SELECT * FROM auth_user__old');
  await db.query('DROP TABLE auth_user__old');
  const lines = ['check', 'populate_db --users 3 --no-input', 'clear_models auth.User --no-input --cascade'];
  const results = await run(context, lines, { db });
  expect(statuses(results)).toEqual([1, 1, 1]);
  for (const { stdout, stderr } of results) {
    const said = stdout + stderr;
    expect(said).toContain('auth_user__old');
    expect(said).not.toContain('Run `manage migrate` to make it');
  }
});

const onPostgres = test.runIf(engines.includes('postgres'));

onPostgres('6: clearsessions and loaddata where transactions are REPEATABLE READ', async (context) => {
  const db = await prepared('postgres', [
    'DELETE FROM django_session',
    "INSERT INTO django_session SELECT 'k' || lpad(g::text, 30, '0'), 'x', now() - interval '1 day' FROM generate_series(1, 50) g",
  ]);
  await db.query(`ALTER DATABASE "${nameOf(db)}" SET default_transaction_isolation = 'repeatable read'`);
  await db.query('BEGIN');
  await db.query('LOCK TABLE django_session IN ACCESS EXCLUSIVE MODE');
  await db.query("UPDATE django_session SET session_data = 'y' WHERE session_key LIKE '%7'");
  const clearing = run(context, ['clearsessions'], { db });
  // It waits for the table, and finds rows that have changed meanwhile.
  await untilSomebodyWaits(db);
  await db.query('COMMIT');
  expect((await clearing)[0]).toMatchObject({ exitCode: 0, stdout: 'Removed 50 expired sessions.\n' });
});

onPostgres('7: flags that are smallint, and a key without a sequence', async (context) => {
  const flags = ['is_active', 'is_staff', 'is_superuser'].map(
    (name) => `ALTER ${name} TYPE smallint USING ${name}::int`,
  );
  const db = await prepared('postgres', [`ALTER TABLE auth_user ${flags.join(', ')}, ALTER id DROP IDENTITY`]);
  const lines = ['createuser --username u --email  --no-input', 'deactivateuser user.01@+-_', 'sqlsequencereset auth'];
  const results = await run(context, lines, { db });
  expect(statuses(results)).toEqual([1, 1, 0]);
  for (const text of errors(results).slice(0, 2)) {
    const said = text.replaceAll('\n', ' ');
    expect(said).toContain("and 'is_active' of 'auth_user' are smallint, and should be boolean.");
    expect(text).not.toMatch(/^\s+at /m);
  }
  expect(errors(results)[0]?.replaceAll('\n', ' ')).toContain("'id' of 'auth_user' has no sequence or identity");
  expect(errors(results)[2]).toContain("The key of 'auth_user' has no sequence");
});

onPostgres(
  '8: a table of the same name in an earlier schema is not taken for the one that is meant',
  async (context) => {
    const db = await prepared('postgres', [
      'CREATE SCHEMA other',
      'CREATE TABLE other.auth_user (id serial PRIMARY KEY, email text)',
      "INSERT INTO other.auth_user (email) VALUES ('x')",
    ]);
    await db.query(`ALTER DATABASE "${nameOf(db)}" SET search_path = other, public`);
    const cwd = temporaryFolder({
      'user.json': '[{"model": "auth.user", "pk": 9, "fields": {"username": "q", "password": "!"}}]',
    });
    const lines = [
      'flush --no-input',
      'clear_models auth.User --no-input',
      'loaddata --sync --no-input user.json',
      'migrate auth 0011 --no-input',
      'populate_db --users 3 --no-input',
    ];
    const results = await run(context, lines, { db, cwd });
    expect(statuses(results)).toEqual([1, 1, 1, 1, 1]);
    for (const said of errors(results)) expect(said).toContain("The search path finds 'other.auth_user'");
    expect(await db.query('SELECT email FROM other.auth_user')).toEqual([{ email: 'x' }]);
  },
);

onPostgres('12, 13: a right that is missing is named with the role that lacks it', async (context) => {
  const [app, owner] = [`app_${process.pid}`, `owner_${process.pid}`];
  const db = await prepared('postgres', [`CREATE ROLE ${app} LOGIN PASSWORD 'x'`, `CREATE ROLE ${owner}`]);
  const empty = await prepared('postgres', ['REVOKE CREATE ON SCHEMA public FROM PUBLIC'], 'empty');
  try {
    const tables = await db.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    for (const { tablename } of tables) await db.query(`ALTER TABLE "${tablename}" OWNER TO ${owner}`);
    await db.query('REVOKE ALL ON SCHEMA public FROM PUBLIC');
    await db.query(`GRANT USAGE ON SCHEMA public TO ${app}`);
    await db.query(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${app}`);
    await db.query(`GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ${app}`);
    const as = (database: TestDatabase) => ({ url: database.url.replace(/\/\/[^@]*@/, `//${app}:x@`) });
    const cwd = temporaryFolder({
      'group.json': '[{"model": "auth.group", "pk": 99, "fields": {"name": "q", "permissions": [1]}}]',
    });
    const [load] = await run(context, ['loaddata group.json'], { db: as(db), cwd });
    expect(load).toMatchObject({ exitCode: 1 });
    expect(load?.stderr).toMatch(/References to 'public\.auth_\w+' are checked as the owner of that table/);
    const [made] = await run(context, ['createsuperuser --migrate --no-input --username adm --email '], {
      db: as(empty),
    });
    expect(made).toMatchObject({ exitCode: 1 });
    expect(made?.stderr).toContain(`GRANT USAGE, CREATE ON SCHEMA "public" TO "${app}"`);
    expect(made?.stderr).toContain(`ALTER DATABASE "${nameOf(empty)}" OWNER TO "${app}"`);
  } finally {
    for (const database of databases.splice(0)) await database.drop();
    const server = await prepared('postgres', [], 'empty');
    await server.query(`DROP ROLE ${app}`);
    await server.query(`DROP ROLE ${owner}`);
  }
});
