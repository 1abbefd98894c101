import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { transaction } from '../../src/db/transactions/transaction.js';
import { useConnections } from '../helpers/connections.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

const manyTables = /destroy all \d+ tables with \d+ rows/i;

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => db.drop());
  const users = () => db.query('SELECT username FROM auth_user');

  test('drops everything after a yes', async () => {
    const { exitCode, stdout, stderr } = await manage(['reset_db'], { db, answers: [[manyTables, 'yes']] });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('is new and empty now');
    await expect(users()).rejects.toThrow('auth_user');
    // What other commands find then, between their own statements too.
    for (const args of [
      ['clearsessions'],
      ['listusers'],
      ['dumpdata', 'auth'],
      ['revokesessions', '--all', '--no-input'],
    ]) {
      expect((await manage(args, { db })).stderr).toContain('since it is new or is being reset.');
    }
    const create = 'CREATE TABLE "a.b as c" (id integer)';
    await db.query(create);
    expect((await manage(['reset_db', '--dry-run', '--json'], { db })).json).toMatchObject({ tables: 1, rows: 0 });
    expect((await manage(['reset_db', '--no-input', '--close-sessions'], { db })).exitCode).toBe(0);
    const again = await manage(['reset_db', '--dry-run', '--json'], { db });
    expect(again.json).toMatchObject({ reset: false, tables: 0, rows: 0 });
  });

  test('changes nothing after any other answer, with --dry-run, and where nobody can answer', async () => {
    const no = await manage(['reset_db'], { db, answers: [[manyTables, 'y']] });
    expect(no).toMatchObject({ exitCode: 0, stdout: 'Reset cancelled.\n' });
    expect((await manage(['reset_db'], { db })).exitCode).toBe(2);
    expect((await manage(['reset_db', '--dry-run', '-v0'], { db })).stdout).toContain('would drop');
    const cancelled = await manage(['reset_db', '--json'], { db, answers: [[manyTables, 'no']] });
    expect(cancelled.json).toMatchObject({ reset: false, cancelled: true });
    expect((await users()).length).toBeGreaterThan(0);
  });

  test('refuses on a protected database', async () => {
    const config = { databases: { default: { url: db.url, protected: true } } };
    const { exitCode, stderr } = await manage(['reset_db', '--no-input'], { db, config });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('--allow-protected default');
    expect((await users()).length).toBeGreaterThan(0);
  });
});

describe('SQLite', () => {
  const open = useConnections();

  test('waits for who reads, and gives up without having changed anything', async () => {
    const { database, connection } = await open('sqlite', { from: 'sample' });
    await transaction(
      connection,
      async ({ db: executor }) => {
        const before = await executor('auth_user').count({ count: '*' });
        const { exitCode, stderr } = await manage(['reset_db', '--no-input'], { db: database });
        expect(exitCode).toBe(1);
        expect(stderr).toContain('locked');
        expect(await executor('auth_user').count({ count: '*' })).toEqual(before);
      },
      { mode: 'snapshot' },
    );
    expect((await database.query('SELECT 1 FROM auth_user')).length).toBeGreaterThan(20);
  });

  test.each(['delete', 'wal'])('lets programs that have it open find it empty, in journal mode %s', async (mode) => {
    const { database, connection } = await open('sqlite', { from: 'sample' });
    await connection.db.raw(`PRAGMA journal_mode = ${mode}`);
    await connection.db.raw('SELECT * FROM auth_user');
    expect((await manage(['reset_db', '--no-input'], { db: database })).exitCode).toBe(0);
    await expect(connection.db.raw('SELECT * FROM auth_user')).rejects.toThrow('auth_user');
    await connection.db.raw('CREATE TABLE auth_user (id integer PRIMARY KEY)');
    expect(await database.query('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect(await database.query('SELECT name FROM sqlite_master')).toEqual([{ name: 'auth_user' }]);
  });

  test('drops all kinds of things, and takes them out of the file', async () => {
    const { database } = await open('sqlite', { from: 'sample' });
    for (const sql of [
      'CREATE VIRTUAL TABLE words USING fts5(word)',
      "INSERT INTO words VALUES ('needle')",
      'CREATE VIEW "whose?" AS SELECT username FROM auth_user',
      'CREATE TABLE "a""b?" (x REFERENCES auth_user)',
      'CREATE TRIGGER t AFTER INSERT ON auth_group BEGIN DELETE FROM auth_group; END',
      'PRAGMA user_version = 7',
      'ANALYZE',
    ])
      await database.query(sql);
    expect((await manage(['reset_db', '--no-input'], { db: database })).exitCode).toBe(0);
    expect(await database.query('SELECT name FROM sqlite_master')).toEqual([]);
    expect(await database.query('PRAGMA user_version')).toEqual([{ user_version: 0 }]);
    const { target } = database.settings;
    const bytes = readFileSync(target.engine === 'sqlite' ? target.filename : '');
    expect([bytes.includes('needle'), bytes.length]).toEqual([false, 4096]);
    expect((await manage(['migrate', '-v0'], { db: database })).exitCode).toBe(0);
  });

  test('makes a missing file, and keeps the rights of one that is there', async () => {
    const cwd = temporaryFolder();
    const url = 'sqlite:///new.sqlite3';
    expect((await manage(['reset_db', '--dry-run'], { cwd, db: { url } })).stdout).toBe(
      "This would make the database 'default', which is not there yet.\n",
    );
    const made = await manage(['reset_db', '--no-input'], { cwd, db: { url } });
    expect(made).toMatchObject({ exitCode: 0, stderr: '' });
    expect(made.stdout).toContain("The database 'default' is new and empty now.");
    expect(existsSync(join(cwd, 'new.sqlite3'))).toBe(true);
    writeFileSync(join(cwd, 'own.sqlite3'), '', { mode: 0o600 });
    await manage(['reset_db', '--no-input'], { cwd, db: { url: 'sqlite:///own.sqlite3' } });
    expect(statSync(join(cwd, 'own.sqlite3')).mode & 0o777).toBe(0o600);
  });

  test('leaves a file that is no database as it is', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'thesis.txt'), 'x'.repeat(5000));
    const run = await manage(['reset_db', '--no-input'], { cwd, db: { url: 'sqlite:///thesis.txt' } });
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain('If the file is no longer wanted, remove it.');
    expect(statSync(join(cwd, 'thesis.txt')).size).toBe(5000);
  });
});

describe('PostgreSQL', () => {
  test('needs --close-sessions where others are connected', async () => {
    const db = await createDatabase('postgres', { from: 'sample' });
    await db.query('SELECT 1');
    const refused = await manage(['reset_db', '--no-input'], { db });
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('--close-sessions');
    expect((await db.query('SELECT 1 FROM auth_user LIMIT 1')).length).toBe(1);
    expect((await manage(['reset_db', '--no-input', '--close-sessions'], { db })).exitCode).toBe(0);
    await db.drop().catch(() => undefined);
  });

  const as = (db: TestDatabase, user: string) =>
    Object.assign(new URL(db.url), { username: user, password: 'pw' }).href;
  const name = (db: TestDatabase) => new URL(db.url).pathname.slice(1);
  const leftovers = "SELECT datname FROM pg_database WHERE datname LIKE 'manage\\_reset\\_%'";

  test('leaves the database to an owner who may not make another, and names the right', async () => {
    const db = await createDatabase('postgres', { from: 'sample' });
    const admin = await createDatabase('postgres');
    const role = `${name(db)}_owner`;
    await admin.query(`CREATE ROLE "${role}" LOGIN PASSWORD 'pw'`);
    try {
      await admin.query(`ALTER DATABASE "${name(db)}" OWNER TO "${role}"`);
      await admin.query(`GRANT pg_read_all_data TO "${role}"`);
      const run = await manage(['reset_db', '--no-input'], { db: { url: as(db, role) } });
      expect(run.stderr).toContain(`the PostgreSQL user '${role}' cannot create databases`);
      expect(run.stderr).toContain('CREATEDB');
      expect(run.exitCode).toBe(1);
      expect((await db.query('SELECT 1 FROM auth_user LIMIT 1')).length).toBe(1);
      expect(await db.query(leftovers)).toEqual([]);
    } finally {
      await db.drop();
      await admin.query(`DROP ROLE "${role}"`);
      await admin.drop();
    }
  });

  test('keeps owner, locale, limit, comment, settings and rights', async () => {
    const admin = await createDatabase('postgres');
    const role = `${name(admin)}_role`;
    const made = `${name(admin)}_made`;
    await admin.query(`CREATE ROLE "${role}"`);
    try {
      for (const sql of [
        `CREATE DATABASE "${made}" OWNER "${role}" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'de' LOCALE 'C' CONNECTION LIMIT 7`,
        `COMMENT ON DATABASE "${made}" IS 'It''s ours'`,
        `ALTER DATABASE "${made}" SET search_path TO "$user", public, "It's"`,
        `ALTER DATABASE "${made}" SET application_name TO 'a=b, ''c'''`,
        `ALTER ROLE "${role}" IN DATABASE "${made}" SET work_mem TO '5MB'`,
        `REVOKE ALL ON DATABASE "${made}" FROM PUBLIC`,
        `GRANT CONNECT ON DATABASE "${made}" TO "${role}" WITH GRANT OPTION`,
      ])
        await admin.query(sql);
      const look = async () => [
        await admin.query(
          `SELECT pg_get_userbyid(datdba), to_jsonb(d) - ARRAY['oid', 'datfrozenxid', 'datminmxid', 'datacl'] AS made,
             shobj_description(oid, 'pg_database'), (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(datacl) AS a)
           FROM pg_database d WHERE datname = '${made}'`,
        ),
        await admin.query(
          `SELECT setrole, setconfig FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase
           WHERE datname = '${made}' ORDER BY setrole`,
        ),
      ];
      const before = await look();
      expect(before[1]).toHaveLength(2);
      const there = new URL(admin.url);
      there.pathname = `/${made}`;
      const { exitCode, stderr, json } = await manage(['reset_db', '--no-input', '--json'], {
        db: { url: there.href },
      });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(json).toMatchObject({ reset: true, rows: null, notKept: [] });
      expect(await look()).toEqual(before);
      expect(await admin.query(leftovers)).toEqual([]);
    } finally {
      await admin.query(`DROP DATABASE IF EXISTS "${made}"`);
      await admin.query(`DROP ROLE "${role}"`);
      await admin.drop();
    }
  });

  test('makes a missing database', async () => {
    const db = await createDatabase('postgres');
    const url = new URL(db.url);
    url.pathname += '_missing';
    const { exitCode, stderr } = await manage(['reset_db', '--no-input'], { db: { url: url.href } });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    await db.query(`DROP DATABASE "${url.pathname.slice(1)}"`);
    await db.drop();
  });

  test('makes a missing schema', async () => {
    const db = await createDatabase('postgres');
    const { exitCode, stderr } = await manage(['reset_db', '--no-input'], { db: { url: `${db.url}?schema=fresh` } });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(await db.query("SELECT 1 FROM pg_namespace WHERE nspname = 'fresh'")).toHaveLength(1);
    await db.drop();
  });

  test('resets only the schema that the URL names', async () => {
    const db = await createDatabase('postgres', { from: 'sample' });
    await db.query('CREATE SCHEMA "own"');
    await db.query('CREATE TABLE "own".thing (id integer)');
    const url = `${db.url}?schema=own`;
    const { exitCode, stderr } = await manage(['reset_db', '--no-input'], { db: { url } });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    await expect(db.query('SELECT * FROM "own".thing')).rejects.toThrow('does not exist');
    expect((await db.query('SELECT 1 FROM auth_user LIMIT 1')).length).toBe(1);
    await db.drop();
  });
});
