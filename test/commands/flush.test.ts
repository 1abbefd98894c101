import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../../src/db/connect/connect.js';
import { transaction } from '../../src/db/transactions/transaction.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import { alone } from '../../src/rows/run-lock.js';
import { blogApp } from '../helpers/blog-app.js';
import { createDatabase, type Engine, forEachEngine, sqliteDriver, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

const golden = (engine: Engine, file: string) =>
  readFile(new URL(`../data/golden/sql/${engine}/${file}`, import.meta.url), 'utf8');

/** Statements as a set, and the tables that a statement lists as one too: Django has no order for either. */
function asSet(sql: string): string[] {
  const lists = (line: string) =>
    line.replace(/((?:"\w+"(?:, )?){2,}|(?:'\w+'(?:, )?){2,})/g, (list) => list.split(', ').sort().join(', '));
  return sql.trim().split('\n').map(lists).sort();
}

const bad: Record<Engine, string> = { sqlite: 'INTEGER', postgres: 'integer', mariadb: 'integer' };

forEachEngine((engine) => {
  let db: TestDatabase;
  const config = { apps: [blogApp] };
  const count = async (table: string) => Number((await db.query(`SELECT count(*) AS n FROM ${table}`))[0]?.n);

  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => db.drop());

  describe('sqlflush', () => {
    test('prints the statements of Django', async () => {
      const { stdout, exitCode } = await manage(['sqlflush'], { db, config });
      expect(exitCode).toBe(0);
      const printed = engine === 'mariadb' ? stdout.replace(/^ALTER TABLE .* AUTO_INCREMENT = 1;\n/gm, '') : stdout;
      // MariaDB could not roll back what Django runs there.
      const expected = (await golden(engine, 'sqlflush.sql')).replace(/^TRUNCATE (?=`)/gm, 'DELETE FROM ');
      expect(asSet(printed)).toEqual(asSet(expected));
      expect(stdout.startsWith('BEGIN;\n')).toBe(true);
      expect(printed.endsWith('COMMIT;\n')).toBe(true);
      expect((await manage(['sqlflush'], { db, config })).stdout).toBe(stdout);
    });

    test('says on stderr that there are no tables', async () => {
      const empty = await createDatabase(engine);
      const { stdout, stderr, exitCode } = await manage(['sqlflush'], { db: empty });
      await empty.drop();
      expect({ stdout, stderr, exitCode }).toEqual({ stdout: '', stderr: 'No tables found.\n', exitCode: 0 });
    });

    test('prints only the tables of an app', async () => {
      const { stdout } = await manage(['sqlflush', 'sessions'], { db });
      expect(stdout).toMatch(/["`]django_session["`]/);
      expect(stdout).not.toContain('auth_user');
    });

    test('refuses where unknown apps and tables refer to what would go', async () => {
      const { stdout, stderr, exitCode } = await manage(['sqlflush'], { db });
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
      expect(stderr).toContain('apps that the settings do not declare: blogapp');
      expect(stderr).toContain("'blogapp_post' (of no known model) refers to 'auth_user'");
      expect(stderr).toContain('--cascade');
    });
  });

  describe('flush', () => {
    test('empties all tables and makes content types and permissions again, from 1', async () => {
      const migrations = await count('django_migrations');
      const { json, exitCode } = await manage(['flush', '--no-input', '--json'], { db, config });
      expect(exitCode).toBe(0);
      expect(json).toMatchObject({ database: 'default', flushed: true, contentTypes: 8, permissions: 32 });
      for (const table of ['auth_user', 'auth_group', 'django_session', 'django_admin_log', 'blogapp_post_tags']) {
        expect(await count(table), table).toBe(0);
      }
      expect(await count('django_migrations')).toBe(migrations);
      const types = await db.query('SELECT id, app_label, model FROM django_content_type ORDER BY id');
      expect(types.slice(0, 2)).toEqual([
        { id: 1, app_label: 'admin', model: 'logentry' },
        { id: 2, app_label: 'auth', model: 'permission' },
      ]);
      const [first] = await db.query('SELECT id, codename FROM auth_permission ORDER BY id LIMIT 1');
      expect(first).toEqual({ id: 1, codename: 'add_logentry' });
    });

    test('shows the database and its rows before it asks, and does nothing without a yes', async () => {
      const before = await count('auth_user');
      const { stdout, exitCode } = await manage(['flush'], {
        db,
        config,
        answers: [[new RegExp(`IRREVERSIBLY DESTROY \\d+ rows in 'default' .*auth_user +${before} rows`, 's'), 'y']],
      });
      expect({ stdout, exitCode }).toEqual({ stdout: 'Flush cancelled.\n', exitCode: 0 });
      const { json } = await manage(['flush', '--json'], { db, config, answers: [['Are you sure', 'no']] });
      expect(json).toMatchObject({ flushed: false, rows: 0, cancelled: true });
      expect(await count('auth_user')).toBe(before);
    });

    test('goes on after a yes', async () => {
      const { stdout } = await manage(['flush'], { db, config, answers: [['Are you sure', 'yes']] });
      expect(stdout).toMatch(/^Removed \d+ rows from 12 tables of 'default'/);
      expect(await count('auth_user')).toBe(0);
    });

    test('needs --no-input where nobody can answer', async () => {
      const { stderr, exitCode } = await manage(['flush'], { db, config });
      expect(exitCode).toBe(2);
      expect(stderr).toContain('--no-input');
      expect(await count('auth_user')).toBeGreaterThan(0);
    });

    test('changes nothing with --dry-run', async () => {
      const before = await count('auth_user');
      const { json } = await manage(['flush', '--dry-run', '--json'], { db, config });
      expect(json).toMatchObject({ dryRun: true, flushed: false });
      expect(json.tables).toContainEqual({ table: 'auth_user', rows: before });
      expect(await count('auth_user')).toBe(before);
      const { stdout } = await manage(['flush', '--dry-run', '-v0'], { db, config });
      expect(stdout).toMatch(new RegExp(`auth_user +${before} rows\n`));
    });

    test('refuses on a protected database until that is allowed by name', async () => {
      const settings = { ...config, databases: { default: { url: db.url, protected: true } } };
      const refused = await manage(['flush', '--no-input'], { db, config: settings });
      expect(refused.exitCode).toBe(1);
      expect(refused.stderr).toContain('--allow-protected default');
      expect(await count('auth_user')).toBeGreaterThan(0);
      const allowed = ['flush', '--no-input', '--allow-protected', 'default'];
      expect((await manage(allowed, { db, config: settings })).exitCode).toBe(0);
      expect(await count('auth_user')).toBe(0);
    });

    test('refuses where apps are unknown, and keeps their content types and permissions with --cascade', async () => {
      const kept = "SELECT * FROM django_content_type WHERE app_label = 'blogapp' ORDER BY id";
      const permissions = `SELECT p.* FROM auth_permission p JOIN (${kept}) t ON t.id = p.content_type_id ORDER BY p.id`;
      const before = [await db.query(kept), await db.query(permissions)];
      expect(before[1]).toHaveLength(8);
      const refused = await manage(['flush', '--no-input'], { db });
      expect(refused.exitCode).toBe(1);
      expect(await count('auth_user')).toBeGreaterThan(0);

      const { exitCode } = await manage(['flush', '--no-input', '--cascade'], { db });
      expect(exitCode).toBe(0);
      expect([await db.query(kept), await db.query(permissions)]).toEqual(before);
      expect(await count('auth_user')).toBe(0);
      expect(await count('blogapp_post')).toBe(0);
      expect(await count('blogapp_tag')).toBeGreaterThan(0);
      expect(await count('django_content_type')).toBe(8);
      expect(await count('auth_permission')).toBe(32);
    });

    test('keeps those of an app whose label has a question mark', async () => {
      await db.query("INSERT INTO django_content_type (id, app_label, model) VALUES (900, ?, 'x')", ['wh?t']);
      const { exitCode, stderr } = await manage(['flush', '--no-input', '--cascade'], { db, config });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(await db.query('SELECT model FROM django_content_type WHERE id = 900')).toEqual([{ model: 'x' }]);
    });

    test('refuses where a table of no model refers to one that goes', async () => {
      await db.query(
        `CREATE TABLE shop_order (id ${bad[engine]} PRIMARY KEY, buyer ${bad[engine]} REFERENCES auth_user (id))`,
      );
      const { stderr, exitCode } = await manage(['flush', '--no-input'], { db, config });
      expect(exitCode).toBe(1);
      expect(stderr).toContain("'shop_order' (of no known model) refers to 'auth_user'");
      expect(await count('auth_user')).toBeGreaterThan(0);
    });

    if (engine === 'postgres') {
      test('refuses where a table in another schema refers to what goes, and empties it with --cascade', async () => {
        await db.query('CREATE SCHEMA "the shop"');
        await db.query(
          'CREATE TABLE "the shop"."or""ders" (id integer PRIMARY KEY, buyer integer REFERENCES auth_user)',
        );
        await db.query(
          'CREATE TABLE "the shop".lines (id integer PRIMARY KEY, at integer REFERENCES "the shop"."or""ders")',
        );
        await db.query('INSERT INTO "the shop"."or""ders" VALUES (1, 1), (2, NULL)');
        await db.query('INSERT INTO "the shop".lines VALUES (1, 1)');
        const users = await count('auth_user');
        const refused = await manage(['flush', '--no-input'], { db, config });
        expect(refused.exitCode).toBe(1);
        const said = refused.stderr.replaceAll('\n', ' ');
        expect(said).toContain("'the shop.or\"ders' (of no known model) refers to 'auth_user'");
        expect(said).toContain("'the shop.lines' (of no known model) refers to 'the shop.or\"ders'");
        expect(refused.stderr).toContain('Use --cascade');
        const cleared = await manage(['clear_models', 'auth.User', '--cascade', '--no-input'], { db, config });
        expect(cleared.stderr).toContain("1 row of 'the shop.or\"ders', which is in another schema, refer");
        expect(await count('auth_user')).toBe(users);
        expect((await manage(['flush', 'sessions', '--no-input'], { db, config })).exitCode).toBe(0);
        const { json } = await manage(['flush', '--no-input', '--cascade', '--json'], { db, config });
        expect(json.tables).toContainEqual({ table: 'the shop.or"ders', rows: 2 });
        expect([await count('auth_user'), await count('"the shop".lines')]).toEqual([0, 0]);
      });
    }

    test('flushes one app only', async () => {
      const users = await count('auth_user');
      const { json } = await manage(['flush', 'sessions', '--no-input', '--json'], { db });
      expect(json.tables.map(({ table }: { table: string }) => table)).toEqual(['django_session']);
      expect(await count('django_session')).toBe(0);
      expect(await count('auth_user')).toBe(users);
    });

    test('flushes an app only where rows of other tables do not need it', async () => {
      const posts = await count('blogapp_post');
      const refused = await manage(['flush', 'auth', '--no-input'], { db });
      expect(refused.exitCode).toBe(1);
      expect(refused.stderr).toContain("'django_admin_log' refers to");
      await db.query('UPDATE blogapp_post SET author_id = NULL');
      await db.query('DELETE FROM django_admin_log');
      const { exitCode, stderr } = await manage(['flush', 'auth', '--no-input'], { db });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(await count('auth_user')).toBe(0);
      expect(await count('blogapp_post')).toBe(posts);
      expect(await count('auth_permission')).toBe(32);
    });

    test('gives up where another program holds its tables, and changes nothing', async () => {
      const users = await count('auth_user');
      const other = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
      await transaction(other, async ({ db: executor }) => {
        await executor('auth_user').update({ first_name: 'Held' });
        const { exitCode, stderr } = await manage(['flush', '--no-input', '--lock-timeout', '1'], { db, config });
        expect(exitCode).toBe(1);
        expect(stderr).toMatch(/lock/i);
      });
      await other.close();
      expect(await count('auth_user')).toBe(users);
      expect((await manage(['flush', '--no-input', '--lock-timeout', '0'], { db, config })).exitCode).toBe(2);
    });

    if (engine === 'postgres') {
      test('waits no longer than it may for a table that nobody else may read', async () => {
        const other = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
        await transaction(other, async ({ db: executor }) => {
          await executor.raw('LOCK TABLE auth_user');
          for (const how of ['--no-input', '--dry-run']) {
            const { exitCode, stderr } = await manage(['flush', how, '--lock-timeout', '1'], { db, config });
            expect(exitCode).toBe(1);
            expect(stderr).toMatch(/lock/i);
          }
        }).finally(() => other.close());
      });
    }

    test('waits for another run that fills or empties tables', async () => {
      const runs = await Promise.all([
        manage(['flush', '--no-input', '--json'], { db, config }),
        manage(['flush', '--no-input', '--json'], { db, config }),
        manage(['populate_db', '--users', '30', '--seed', '1', '--sessions', '0', '--no-input', '--json'], {
          db,
          config,
        }),
        manage(['populate_db', '--users', '30', '--seed', '1', '--sessions', '0', '--no-input', '--json'], {
          db,
          config,
        }),
      ]);
      expect(runs.map(({ exitCode, stderr }) => ({ exitCode, stderr }))).toEqual(
        runs.map(() => ({ exitCode: 0, stderr: '' })),
      );
      expect(await count('auth_permission')).toBe(32);
    });

    test('waits no longer than it may for another run', async () => {
      const connection = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
      const { exitCode, stderr } = await alone(connection, {}, () =>
        manage(['flush', '--no-input', '--lock-timeout', '1'], { db, config }),
      ).finally(() => connection.close());
      expect(exitCode).toBe(1);
      expect(stderr).toContain("Another run fills or empties tables of 'default'");
    });

    test('empties introspected tables with a dot or ` as ` in their names', async () => {
      await db.query('CREATE TABLE "a.b as c" (id integer PRIMARY KEY)');
      await db.query(`CREATE TABLE "d.e" (id integer PRIMARY KEY, at integer REFERENCES "a.b as c" (id))`);
      await db.query('INSERT INTO "a.b as c" VALUES (1)');
      await db.query('INSERT INTO "d.e" VALUES (1, 1)');
      const { exitCode, stderr, json } = await manage(['--introspect', 'flush', '--no-input', '--json'], { db });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(json.tables).toContainEqual({ table: 'a.b as c', rows: 1 });
      expect([await count('"a.b as c"'), await count('"d.e"')]).toEqual([0, 0]);
    });

    test('keeps superusers', async () => {
      const supers = 'SELECT username FROM auth_user WHERE is_superuser = TRUE AND is_staff = TRUE ORDER BY id';
      const before = await db.query(supers);
      expect(before.length).toBeGreaterThan(0);
      await manage(['flush', '--no-input', '--keep-superusers'], { db, config });
      expect(await db.query('SELECT username FROM auth_user ORDER BY id')).toEqual(before);
      expect(await count('auth_user_groups')).toBe(0);
    });

    test.each([
      ['nope', "No installed app with label 'nope'."],
      ['auth.nope', 'Unknown model: auth.nope'],
      ['a.b.c', "No installed app with label 'a.b.c'."],
      ["auth'; DROP TABLE auth_user; --", 'No installed app with label'],
    ])('names the unknown label %s', async (label, message) => {
      const { stderr, exitCode } = await manage(['flush', label, '--no-input'], { db, config });
      expect(exitCode).toBe(1);
      expect(stderr).toContain(message);
    });
  });
});
