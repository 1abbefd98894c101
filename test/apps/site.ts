import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { createDatabase, databasesLike, type Engine, sqliteDriver, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

/** The secret key of the Django project that made the tables. */
export const secretKey = 'oracle-secret-key-0123456789abcdefghijklmnopqrstuvwxyz';
/** What tests take for now. */
export const now = new Date('2026-11-26T12:00:00Z');

/** Makes the tables of Django and of the third-party apps, as Django made them. */
async function createTables(database: TestDatabase): Promise<void> {
  const text = readFileSync(join(import.meta.dirname, `../data/apps/${database.engine}.sql`), 'utf8').replaceAll(
    'COLLATE=utf8mb4_unicode_ci',
    'COLLATE=utf8mb4_general_ci',
  );
  const { target } = database.settings;
  if (target.engine !== 'sqlite') return void (await database.query(text));
  const sql = `BEGIN; ${text.replace(/CREATE TABLE sqlite_sequence[^;]*;/, '')} COMMIT;`;
  const require = createRequire(import.meta.url);
  if (sqliteDriver === 'node:sqlite') {
    const db = new (require('node:sqlite').DatabaseSync)(target.filename);
    db.exec(sql);
    return db.close();
  }
  const db = new (require('sqlite3').Database)(target.filename);
  await new Promise<void>((resolve, reject) => {
    db.exec(sql, (error: Error | null) => db.close(() => (error === null ? resolve() : reject(error))));
  });
}

export type Values = Readonly<Record<string, string | number | boolean | null>>;

/** A database with the tables of every app, two users, alice and bob, and whatever a test adds. */
export interface AppsSite extends TestDatabase {
  /** Adds a row; moments are days from {@link now} where they are given through {@link days}. */
  add(table: string, values: Values): Promise<void>;
  /** How many rows a table has, of those for which the SQL condition holds. */
  count(table: string, where?: string): Promise<number>;
  /** Names of all tables, sorted. */
  tables(): Promise<readonly string[]>;
  /** All rows of all tables, but for those of `except`. */
  contents(except?: readonly string[]): Promise<Record<string, readonly unknown[]>>;
}

/** A moment some days from {@link now}, as Django stores it. */
export function days(count: number): string {
  const text = new Date(now.getTime() + count * 86_400_000).toISOString();
  return `${text.slice(0, 19).replace('T', ' ')}+00:00`;
}

const tableNames: Record<Engine, string> = {
  sqlite: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  postgres: "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
  mariadb: 'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()',
};

const moment = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00$/;

/** What the tests of apps ask of a database. */
export function asAppsSite(database: TestDatabase): AppsSite {
  const { engine } = database;
  const stored = (value: Values[string]) => {
    if (engine === 'sqlite' && typeof value === 'boolean') return value ? 1 : 0;
    return engine !== 'postgres' && typeof value === 'string' && moment.test(value) ? value.slice(0, 19) : value;
  };
  const names = async () => {
    const rows = await database.query(tableNames[engine]);
    return rows.map(({ name }) => String(name)).toSorted();
  };
  return {
    ...database,
    async add(table, values) {
      const columns = Object.keys(values).map((column) => `"${column}"`);
      const places = columns.map(() => '?');
      await database.query(
        `INSERT INTO "${table}" (${columns.join(', ')}) VALUES (${places.join(', ')})`,
        Object.values(values).map(stored),
      );
    },
    async count(table, where = '1 = 1') {
      const [row] = await database.query(`SELECT COUNT(*) AS count FROM "${table}" WHERE ${where}`);
      return Number(row?.count);
    },
    tables: names,
    async contents(except = []) {
      const contents: Record<string, readonly unknown[]> = {};
      for (const name of await names()) {
        if (!except.includes(name)) contents[name] = await database.query(`SELECT * FROM "${name}" ORDER BY 1`);
      }
      return contents;
    },
  };
}

async function makeAppsSite(engine: Engine): Promise<TestDatabase> {
  const site = await createAppsSite(engine, { tables: false });
  await createTables(site);
  for (const [id, username] of [[1, 'alice'] as const, [2, 'bob'] as const]) {
    await site.add('auth_user', {
      id,
      username,
      password: `md5$salt$${'0'.repeat(30)}${id}0`,
      last_login: days(-1),
      is_superuser: false,
      first_name: '',
      last_name: '',
      email: `${username}@example.org`,
      is_staff: false,
      is_active: true,
      date_joined: days(-100),
    });
  }
  return site;
}

const another = databasesLike(makeAppsSite);

export async function createAppsSite(engine: Engine, { tables = true }: { tables?: boolean } = {}): Promise<AppsSite> {
  if (tables) return asAppsSite(await another(engine));
  const database = await createDatabase(engine);
  // The server's own default, which is not the collation of the connections.
  if (engine === 'mariadb') await database.query('ALTER DATABASE COLLATE utf8mb4_general_ci');
  return asAppsSite(database);
}

/** Makes such a database for each test of an engine, and commands that run on it at {@link now}. */
export function useAppsSite(engine: Engine) {
  let made: AppsSite | undefined;
  const site = {
    get db(): AppsSite {
      if (made === undefined) throw new Error('The database is there while a test runs.');
      return made;
    },
    run: (args: readonly string[]) => manage(args, { db: site.db, env: { SECRET_KEY: secretKey }, now }),
  };
  beforeEach(async () => {
    made = await createAppsSite(engine);
  });
  afterEach(() => made?.drop());
  return site;
}
