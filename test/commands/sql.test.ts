import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { blogApp } from '../helpers/blog-app.js';
import { createDatabase, type Engine, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, runManage } from '../helpers/manage.js';

const config = { apps: [blogApp] };
const lines = (sql: string) => sql.trim().split('\n');

const hasSequences: Record<Engine, boolean> = { sqlite: false, postgres: true, mariadb: false };
const session: Record<Engine, string[]> = {
  sqlite: [
    'CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" datetime NOT NULL);',
    'CREATE INDEX "django_session_expire_date_a5c62663" ON "django_session" ("expire_date");',
  ],
  postgres: [
    'CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" timestamp with time zone NOT NULL);',
    'CREATE INDEX "django_session_session_key_c0390e0f_like" ON "django_session" ("session_key" varchar_pattern_ops);',
    'CREATE INDEX "django_session_expire_date_a5c62663" ON "django_session" ("expire_date");',
  ],
  mariadb: [
    'CREATE TABLE `django_session` (`session_key` varchar(40) NOT NULL PRIMARY KEY, `session_data` longtext NOT NULL, `expire_date` datetime(6) NOT NULL);',
    'CREATE INDEX `django_session_expire_date_a5c62663` ON `django_session` (`expire_date`);',
  ],
};

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => db.drop());

  describe('sql, sqlindexes and sqlall', () => {
    test('print of models of the database what it has: what references do and when, and types without a size', async () => {
      const [text, decimal] = engine === 'mariadb' ? ['varchar(9)', 'numeric(9, 2)'] : ['varchar', 'numeric'];
      const late = engine === 'mariadb' ? '' : ' DEFERRABLE INITIALLY DEFERRED';
      const key = 'id integer NOT NULL PRIMARY KEY';
      await db.query(
        `CREATE TABLE shop_cart (${key}, code ${text} NOT NULL, price ${decimal} DEFAULT 1, twice integer GENERATED ALWAYS AS (id * 2) STORED, owner_id integer NOT NULL, part_id integer, old_id integer,
         FOREIGN KEY (owner_id) REFERENCES auth_user (id) ON DELETE CASCADE, FOREIGN KEY (part_id) REFERENCES shop_cart (id) ON UPDATE CASCADE ON DELETE SET NULL,
         FOREIGN KEY (old_id) REFERENCES auth_user (id) ON DELETE RESTRICT)`,
      );
      await db.query(
        `CREATE TABLE shop_cart_groups (${key}, cart_id integer NOT NULL, group_id integer NOT NULL, UNIQUE (cart_id, group_id),
         FOREIGN KEY (cart_id) REFERENCES shop_cart (id) ON DELETE CASCADE, FOREIGN KEY (group_id) REFERENCES auth_group (id)${late})`,
      );
      const print = async () => (await manage(['--introspect', 'sqlall', 'tables'], { db })).stdout;
      expect((await manage(['--introspect', 'sqlall', 'tables'], { db })).stderr).toContain(
        'The statements say nothing of values that the database itself makes: shop_cart.twice (generated), shop_cart.price (default).',
      );
      const sql = (await print()).replaceAll(/["`]/g, '');
      const actions = ['owner_id', 'part_id', 'old_id', 'cart_id', 'group_id'].map((column) => {
        const [, end] =
          new RegExp(`(?:FOREIGN KEY \\(${column}\\)|\\b${column} [^,;]*) REFERENCES \\w+ \\(id\\)([^,;)]*)`).exec(
            sql,
          ) ?? [];
        return end;
      });
      expect(actions).toEqual([
        ' ON DELETE CASCADE',
        ' ON UPDATE CASCADE ON DELETE SET NULL',
        engine === 'mariadb' ? '' : ' ON DELETE RESTRICT',
        ' ON DELETE CASCADE',
        late,
      ]);
      if (engine !== 'mariadb') expect(sql).toMatch(/code varchar NOT NULL, price (numeric|decimal) NULL/);
      for (const name of ['shop_cart_groups', 'shop_cart']) await db.query(`DROP TABLE ${name}`);
      for (const statement of lines(sql).slice(1, -1)) await db.query(statement);
      expect((await print()).replaceAll(/["`]/g, '')).toBe(sql);
    });

    test('print the statements of an app', async () => {
      const [create = '', ...indexes] = session[engine];
      const print = async (name: string) => (await manage([name, 'sessions'], { db })).stdout;
      expect(lines(await print('sql'))).toEqual(['BEGIN;', create, 'COMMIT;']);
      expect(lines(await print('sqlindexes')).sort()).toEqual(['BEGIN;', 'COMMIT;', ...indexes].sort());
      expect(lines(await print('sqlall')).sort()).toEqual(['BEGIN;', 'COMMIT;', create, ...indexes].sort());
    });

    test('make the tables when they are run', async () => {
      const print = async (name: string) =>
        lines((await manage([name, 'blogapp'], { db, config })).stdout).slice(1, -1);
      const [drop, create] = [await print('sqlclear'), await print('sqlall')];
      expect(drop).toHaveLength(3);
      for (const statement of [...drop, ...create]) await db.query(statement);
      expect(await db.query('SELECT * FROM blogapp_post')).toEqual([]);
      expect(lines((await manage(['sqlall', 'blogapp'], { db, config })).stdout).slice(1, -1)).toEqual(create);
    });

    test.each(['sql', 'sqlindexes', 'sqlall', 'sqlclear', 'sqlsequencereset'])(
      '%s names what it does not know',
      async (name) => {
        const unknown = await manage([name, 'nope'], { db });
        expect(unknown).toMatchObject({ exitCode: 1, stdout: '' });
        expect(unknown.stderr).toContain("No installed app with label 'nope'.\n");
        expect((await manage([name], { db })).exitCode).toBe(2);
      },
    );
  });

  test('the built program prints the same', async () => {
    const built = await runManage(['sqlall', 'auth'], { db });
    expect(built).toMatchObject({ exitCode: 0, stderr: '' });
    expect(built.stdout).toBe((await manage(['sqlall', 'auth'], { db })).stdout);
  });

  test('sqlclear says where there is nothing', async () => {
    const empty = await createDatabase(engine);
    const { stdout, stderr, exitCode } = await manage(['sqlclear', 'auth'], { db: empty });
    await empty.drop();
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 });
    expect(stderr).toContain('Nothing to do.');
  });

  test('sqlclear refuses where tables that stay refer to what would go', async () => {
    const { exitCode, stdout, stderr } = await manage(['sqlclear', 'auth.User'], { db });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain("'django_admin_log' refers to 'auth_user'");
    const all = await manage(['sqlclear', 'auth', 'admin', 'blogapp'], { db, config });
    expect({ exitCode: all.exitCode, stderr: all.stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  describe('sqlsequencereset', () => {
    test('prints the statements of Django', async () => {
      const { stdout, stderr, exitCode } = await manage(['sqlsequencereset', 'auth'], { db });
      const wanted = await readFile(
        new URL(`../data/golden/sql/${engine}/sqlsequencereset.auth.sql`, import.meta.url),
        'utf8',
      );
      expect(exitCode).toBe(0);
      expect(lines(stdout).sort()).toEqual(lines(wanted).sort());
      expect(stderr).toBe(hasSequences[engine] ? '' : 'No sequences found.\n');
    });

    test('runs them with --apply', async () => {
      await db.query("INSERT INTO auth_group (id, name) VALUES (700, 'late')");
      const { exitCode } = await manage(['sqlsequencereset', 'auth', '--apply', '--no-input'], { db });
      expect(exitCode).toBe(0);
      const [row] = await db.query("INSERT INTO auth_group (name) VALUES ('later') RETURNING id");
      expect(row).toEqual({ id: 701 });
    });

    test('asks before it runs them, and not on protected databases', async () => {
      const settings = { databases: { default: { url: db.url, protected: true } } };
      const refused = await manage(['sqlsequencereset', 'auth', '--apply', '--no-input'], { db, config: settings });
      expect(refused.exitCode).toBe(1);
      const asked = await manage(['sqlsequencereset', 'auth', '--apply'], { db });
      expect(asked.exitCode).toBe(hasSequences[engine] ? 2 : 0);
    });
  });
});
