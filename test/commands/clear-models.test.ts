import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { blogApp } from '../helpers/blog-app.js';
import {
  createDatabase,
  type Engine,
  forEachEngine,
  type TestDatabase,
  untilSomebodyWaits,
} from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

const config = { apps: [blogApp] };
const integer: Record<Engine, string> = { sqlite: 'INTEGER', postgres: 'integer', mariadb: 'integer' };

forEachEngine((engine) => {
  let db: TestDatabase;
  const count = async (table: string) => Number((await db.query(`SELECT count(*) AS n FROM ${table}`))[0]?.n);
  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => db.drop());

  test('deletes all rows of an app, and says how many', async () => {
    const sessions = await count('django_session');
    const { stdout, exitCode } = await manage(['clear_models', 'sessions', '--no-input'], { db });
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Deleted ${sessions} rows`);
    expect(await count('django_session')).toBe(0);
  });

  test('follows what models say about the rows that refer to them', async () => {
    const [users, logs] = [await count('auth_user'), await count('django_admin_log')];
    const { json, exitCode } = await manage(
      ['clear_models', 'auth.User', '--no-input', '--json', '--batch-size', '3'],
      {
        db,
        config,
      },
    );
    expect(exitCode).toBe(0);
    expect(json.tables).toContainEqual({ table: 'auth_user', rows: users });
    expect(json.tables).toContainEqual({ table: 'django_admin_log', rows: logs });
    expect(await count('auth_user')).toBe(0);
    expect(await count('auth_user_groups')).toBe(0);
    expect(await count('auth_group')).toBeGreaterThan(0);
    expect(await db.query('SELECT * FROM blogapp_post WHERE author_id IS NOT NULL')).toEqual([]);
  });

  test('empties references where the model says so', async () => {
    await db.query('DELETE FROM blogapp_post_tags');
    await manage(['clear_models', 'contenttypes', '--no-input'], { db, config });
    expect(await count('auth_permission')).toBe(0);
    expect(await count('django_admin_log')).toBeGreaterThan(0);
    expect(await db.query('SELECT * FROM django_admin_log WHERE content_type_id IS NOT NULL')).toEqual([]);
  });

  test('deletes rows that refer to each other', async () => {
    const { exitCode, stderr } = await manage(['clear_models', 'blogapp', '--no-input', '--batch-size', '1'], {
      db,
      config,
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(await count('blogapp_post')).toBe(0);
  });

  test('keeps content types and permissions of unknown apps', async () => {
    await manage(['clear_models', 'contenttypes', 'auth', '--no-input', '--cascade'], { db });
    const types = await db.query('SELECT DISTINCT app_label FROM django_content_type');
    expect(types).toEqual([{ app_label: 'blogapp' }]);
    expect(await count('auth_permission')).toBe(8);
  });

  test('refuses where rows of no known model refer to what would go', async () => {
    const users = await count('auth_user');
    const { stderr, exitCode } = await manage(['clear_models', 'auth.User', '--no-input'], { db });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/rows? of 'blogapp_post', which belongs to no known model/);
    expect(await count('auth_user')).toBe(users);
  });

  test('follows references by several columns as a whole', async () => {
    const int = integer[engine];
    for (const sql of [
      `CREATE TABLE seat (a ${int}, b ${int}, user_id ${int} REFERENCES auth_user (id), PRIMARY KEY (a, b))`,
      `CREATE TABLE guest (id ${int} PRIMARY KEY, a ${int}, b ${int}, FOREIGN KEY (a, b) REFERENCES seat (a, b) ON DELETE CASCADE)`,
      `CREATE TABLE coat (id ${int} PRIMARY KEY, a ${int}, b ${int}, FOREIGN KEY (a, b) REFERENCES seat (a, b) ON DELETE SET NULL)`,
      'INSERT INTO seat SELECT 1, 1, min(id) FROM auth_user',
      'INSERT INTO seat VALUES (1, 2, NULL)',
      'INSERT INTO guest VALUES (1, 1, 1), (2, 1, 2)',
      'INSERT INTO coat VALUES (1, 1, 1), (2, 1, 2)',
    ]) {
      await db.query(sql);
    }
    const clear = ['clear_models', 'auth.User', '--no-input', '--cascade'];
    expect(await manage(clear, { db })).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await db.query('SELECT a, b FROM seat')).toEqual([{ a: 1, b: 2 }]);
    expect(await db.query('SELECT id FROM guest')).toEqual([{ id: 2 }]);
    const coats = await db.query('SELECT a, b FROM coat ORDER BY id');
    expect(coats).toEqual([
      { a: null, b: null },
      { a: 1, b: 2 },
    ]);
  });

  test('follows a reference by several columns whose first one refers to another table by itself', async () => {
    const int = integer[engine];
    for (const sql of [
      `CREATE TABLE seat (id ${int} PRIMARY KEY, a ${int}, b ${int}, user_id ${int} REFERENCES auth_user (id), UNIQUE (a, b))`,
      `CREATE TABLE guest (id ${int} PRIMARY KEY, a ${int}, b ${int}, FOREIGN KEY (a, b) REFERENCES seat (a, b) ON DELETE CASCADE)`,
      'INSERT INTO seat SELECT 1, 7, 1, min(id) FROM auth_user',
      'INSERT INTO guest VALUES (1, 7, 1), (2, NULL, 2)',
    ]) {
      await db.query(sql);
    }
    const id = { type: 'IntegerField', primaryKey: true } as const;
    const link = (column: string, to: string) => ({ type: 'ForeignKey', to, column, onDelete: 'CASCADE' }) as const;
    const b = { type: 'IntegerField' } as const;
    const Seat = { table: 'seat', fields: { id, a: b, b, user: link('user_id', 'auth.user') } } as const;
    const Guest = { table: 'guest', fields: { id, group: link('a', 'auth.group'), b } } as const;
    const hall = { apps: [blogApp, { label: 'hall', models: { Seat, Guest } }] };
    const refused = await manage(['clear_models', 'auth.User', '--no-input'], { db, config: hall });
    expect(refused.stderr).toContain(
      "1 row of 'guest', by the columns 'a' and 'b', which are no reference of its model, refers to rows of 'seat': the database would",
    );
    const { exitCode } = await manage(['clear_models', 'auth.User', '--no-input', '--cascade'], { db, config: hall });
    expect(exitCode).toBe(0);
    expect(await db.query('SELECT id FROM guest')).toEqual([{ id: 2 }]);
  });

  test('deletes the links of a join table alone', async () => {
    const links = await count('auth_user_groups');
    const others = await count('auth_user');
    expect(links).toBeGreaterThan(0);
    for (const args of [
      ['clear_models', '--dry-run'],
      ['flush', '--dry-run'],
      ['clear_models', '--no-input'],
    ]) {
      const { json } = await manage([...args, 'auth.User_Groups', '--json'], { db, config });
      expect(json.tables).toEqual([{ table: 'auth_user_groups', rows: links }]);
    }
    expect([await count('auth_user_groups'), await count('auth_user')]).toEqual([0, others]);
    const flushed = await manage(['flush', 'auth.user_groups', '--no-input', '--json'], { db, config });
    expect(flushed.json.tables).toEqual([{ table: 'auth_user_groups', rows: 0 }]);
    const typo = await manage(['flush', 'auth.user_group', '--dry-run'], { db, config });
    expect(typo.stderr).toContain('Did you mean auth.user_groups?');
    const sql = async (name: string, label: string) => (await manage([name, label], { db, config })).stdout;
    expect(await sql('sqlflush', 'auth.user_groups')).toMatch(/auth_user_groups/);
    for (const statement of [await sql('sqlclear', 'auth.user_groups'), await sql('sqlall', 'auth.user_groups')]) {
      for (const line of statement.split('\n').slice(1, -2)) await db.query(line);
    }
    const whole = (await sql('sqlall', 'auth.User')).split('\n');
    const own = (await sql('sqlall', 'auth.user_groups')).split('\n');
    expect(whole).toEqual(expect.arrayContaining(own));
    expect((await manage(['check'], { db, config })).stdout).not.toContain('auth_user_groups');
  });

  test('refuses where rows protect what would go', async () => {
    await db.query(
      `CREATE TABLE shop_order (id ${integer[engine]} PRIMARY KEY, buyer_id ${integer[engine]} REFERENCES auth_user (id))`,
    );
    await db.query('INSERT INTO shop_order SELECT 1, min(id) FROM auth_user');
    const fields = {
      id: { type: 'IntegerField', primaryKey: true },
      buyer: { type: 'ForeignKey', to: 'auth.user', onDelete: 'PROTECT' },
    } as const;
    const shop = { apps: [blogApp, { label: 'shop', models: { Order: { fields } } }] };
    const { stderr, exitCode } = await manage(['clear_models', 'auth.User', '--no-input'], { db, config: shop });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("1 row of 'shop_order' protect");
    const both = await manage(['clear_models', 'auth.User', 'shop', '--no-input'], { db, config: shop });
    expect({ exitCode: both.exitCode, stderr: both.stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  test('asks, needs --no-input elsewhere, and refuses on protected databases', async () => {
    const sessions = await count('django_session');
    const no = await manage(['clear_models', 'sessions'], {
      db,
      answers: [[`django_session  ${sessions} rows`, 'no']],
    });
    expect(no).toMatchObject({ exitCode: 0, stdout: 'Nothing was deleted.\n' });
    const asJson = await manage(['clear_models', 'sessions', '--json'], { db, answers: [[/sure/, 'no']] });
    expect(asJson.json).toMatchObject({ cleared: false, cancelled: true, tables: [] });
    expect((await manage(['clear_models', 'sessions'], { db })).exitCode).toBe(2);
    const settings = { databases: { default: { url: db.url, protected: true } } };
    const refused = await manage(['clear_models', 'sessions', '--no-input'], { db, config: settings });
    expect(refused.stderr).toContain('--allow-protected default');
    const dry = await manage(['clear_models', 'sessions', '--dry-run'], { db, config: settings });
    expect(dry.stdout).toContain(`would delete or change ${sessions} rows`);
    expect(await count('django_session')).toBe(sessions);
  });

  test('says how permissions are made again', async () => {
    const { exitCode, stderr } = await manage(['clear_models', 'auth.Permission', '--no-input'], { db, config });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: expect.stringMatching(
        /^The rows to delete include \d+ links of auth\.Group\.permissions, .*\n.*\nRun `manage migrate` to make content types and permissions again\.\n$/,
      ),
    });
    expect((await manage(['migrate', '--json'], { db, config })).json.permissions).not.toEqual([]);
  });

  test('names a table that is not there', async () => {
    const empty = await createDatabase(engine);
    const { exitCode, stderr } = await manage(['clear_models', 'sessions', '--dry-run'], { db: empty });
    await empty.drop();
    expect(exitCode).toBe(1);
    expect(stderr).toContain("has no table 'django_session'");
    expect(stderr).toContain('manage migrate');
  });

  test('takes no bad input', async () => {
    expect((await manage(['clear_models'], { db })).exitCode).toBe(2);
    expect((await manage(['clear_models', 'nope', '--no-input'], { db })).exitCode).toBe(1);
    expect((await manage(['clear_models', 'sessions', '--no-input', '--batch-size', '-1'], { db })).exitCode).toBe(2);
  });

  test('empties references in batches', async () => {
    const [row] = await db.query('SELECT count(*) AS n FROM django_admin_log WHERE content_type_id IS NOT NULL');
    await db.query('DELETE FROM blogapp_post_tags');
    const { json } = await manage(['clear_models', 'contenttypes', '--no-input', '--json', '--batch-size', '1'], {
      db,
      config,
    });
    expect(Number(row?.n)).toBeGreaterThan(1);
    expect(json.tables).toContainEqual({ table: 'django_admin_log', rows: Number(row?.n), column: 'content_type_id' });
    expect(await db.query('SELECT * FROM django_admin_log WHERE content_type_id IS NOT NULL')).toEqual([]);
  });

  test('says what was done before a step that fails, and never that nothing was', async () => {
    const users = await count('auth_user');
    const links = await count('auth_user_groups');
    // A reference that no introspection shows: as a link does that is made while the run goes on.
    const refuse: Record<Engine, readonly string[]> = {
      sqlite: [
        "CREATE TRIGGER late BEFORE DELETE ON auth_user BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END",
      ],
      postgres: [
        "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE foreign_key_violation USING TABLE = 'auth_user'; END $$",
        'CREATE TRIGGER late BEFORE DELETE ON auth_user FOR EACH ROW EXECUTE FUNCTION late()',
      ],
      mariadb: [
        "CREATE TRIGGER late BEFORE DELETE ON auth_user FOR EACH ROW SIGNAL SQLSTATE '23000' SET MYSQL_ERRNO = 1451, MESSAGE_TEXT = 'late'",
      ],
    };
    for (const statement of refuse[engine]) await db.query(statement);
    const { exitCode, stderr } = await manage(['clear_models', 'auth.User', '--no-input'], { db, config });
    expect(exitCode).toBe(1);
    expect(stderr).not.toMatch(/nothing was changed/i);
    expect(stderr).toMatch(/\d+ rows were deleted or changed before that; run it again to continue\./);
    expect(links).toBeGreaterThan(0);
    expect([await count('auth_user'), await count('auth_user_groups')]).toEqual([users, 0]);
  });
});

describe('on PostgreSQL', () => {
  test('waits for rows that other programs have locked', async () => {
    const db = await createDatabase('postgres', { from: 'sample' });
    try {
      const count = async (table: string) => Number((await db.query(`SELECT count(*) AS n FROM ${table}`))[0]?.n);
      await db.query('BEGIN');
      await db.query(
        'UPDATE auth_user_groups SET group_id = group_id WHERE id = (SELECT min(id) FROM auth_user_groups)',
      );
      await db.query('SELECT 1 FROM django_session ORDER BY session_key LIMIT 1 FOR UPDATE');
      const sessions = await count('django_session');
      const run = manage(['clear_models', 'auth.User', 'sessions', '--no-input', '--json'], { db, config });
      await untilSomebodyWaits(db);
      await db.query('COMMIT');
      const { exitCode, stderr, json } = await run;
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(json.tables).toContainEqual({ table: 'django_session', rows: sessions });
      expect([await count('auth_user'), await count('auth_user_groups'), await count('django_session')]).toEqual([
        0, 0, 0,
      ]);
    } finally {
      await db.drop();
    }
  });
});
