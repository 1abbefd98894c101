import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { describe, inject } from 'vitest';
import type { ParsedDatabase } from '../../src/settings/settings.js';

export const engines = ['sqlite', 'postgres'] as const;
export type Engine = (typeof engines)[number];

type Rows = Record<string, unknown>[];

export interface TestDatabase {
  readonly engine: Engine;
  readonly url: string;
  readonly settings: ParsedDatabase;
  /** Runs SQL with `?` for bindings on a connection of its own. Timestamps, and integers of 64 bits, come as text. */
  query(sql: string, bindings?: readonly unknown[]): Promise<Rows>;
  drop(): Promise<void>;
}

/** Makes a database that nobody else uses: empty, or a copy of the one that Django has made. */
export async function createDatabase(
  engine: Engine,
  { from = 'empty' }: { from?: 'empty' | 'sample' } = {},
): Promise<TestDatabase> {
  return engine === 'sqlite' ? createSqlite(from) : createPostgres(from);
}

/** Runs the same tests for each engine. */
export function forEachEngine(tests: (engine: Engine) => void): void {
  describe.each(engines)('%s', tests);
}

/** The driver that the tests use: the one of MANAGE_SQLITE_DRIVER, else the first that loads, as in the program. */
export const sqliteDriver = ((): 'sqlite3' | 'node:sqlite' => {
  const { MANAGE_SQLITE_DRIVER: wanted } = process.env;
  if (wanted === 'sqlite3' || wanted === 'node:sqlite') return wanted;
  try {
    createRequire(import.meta.url)('sqlite3');
    return 'sqlite3';
  } catch {
    return 'node:sqlite';
  }
})();

async function createSqlite(from: 'empty' | 'sample'): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'manage-sqlite-'));
  const filename = join(folder, 'db.sqlite3');
  if (from === 'sample')
    await copyFile(fileURLToPath(new URL('../data/samples/sample.sqlite3', import.meta.url)), filename);
  else await writeFile(filename, '');
  return {
    engine: 'sqlite',
    url: `sqlite:///${filename}`,
    settings: { alias: 'default', target: { engine: 'sqlite', filename }, protected: false },
    query: (sql, bindings = []) => querySqlite(filename, sql, bindings),
    drop: () => rm(folder, { recursive: true, force: true }),
  };
}

/** One connection for each query, so that no lock is ever left behind; references are not checked. */
async function querySqlite(filename: string, sql: string, bindings: readonly unknown[]): Promise<Rows> {
  if (sqliteDriver === 'node:sqlite') {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite' as 'node:os') as unknown as NodeSqlite;
    const db = new DatabaseSync(filename);
    try {
      db.exec('PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = OFF');
      const statement = db.prepare(sql);
      statement.setReadBigInts(true);
      return statement.all(...bindings).map(withoutBigInts);
    } finally {
      db.close();
    }
  }
  const { Database } = createRequire(import.meta.url)('sqlite3') as Sqlite3;
  return new Promise((resolve, reject) => {
    const db = new Database(filename, (opened) => {
      if (opened) return reject(opened);
      db.exec('PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = OFF', () => {
        db.all(sql, bindings, (error, rows) => {
          db.close(() => (error ? reject(error) : resolve(rows)));
        });
      });
    });
  });
}

function withoutBigInts(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value !== 'bigint' ? value : Number.isSafeInteger(Number(value)) ? Number(value) : String(value),
    ]),
  );
}

interface NodeSqlite {
  DatabaseSync: new (
    filename: string,
  ) => {
    exec(sql: string): void;
    prepare(sql: string): { setReadBigInts(on: boolean): void; all(...bindings: unknown[]): Rows };
    close(): void;
  };
}

interface Sqlite3 {
  Database: new (
    filename: string,
    opened: (error: Error | null) => void,
  ) => {
    exec(sql: string, done: () => void): void;
    all(sql: string, bindings: readonly unknown[], done: (error: Error | null, rows: Rows) => void): void;
    close(done: () => void): void;
  };
}

let made = 0;

async function createPostgres(from: 'empty' | 'sample'): Promise<TestDatabase> {
  const server = new URL(inject('postgresUrl'));
  const prefix = inject('postgresPrefix');
  made += 1;
  const database = `${prefix}_${process.pid}_${made}`;
  const template = from === 'sample' ? `${prefix}_sample` : 'template0';
  await asAdmin(server, `CREATE DATABASE "${database}" TEMPLATE "${template}" ENCODING 'UTF8'`);
  const url = new URL(server);
  url.pathname = `/${database}`;
  let client: pg.Client | undefined;
  return {
    engine: 'postgres',
    url: url.href,
    settings: {
      alias: 'default',
      protected: false,
      target: {
        engine: 'postgres',
        host: url.hostname,
        port: url.port === '' ? undefined : Number(url.port),
        user: decodeURIComponent(url.username),
        password: decodeURIComponent(url.password),
        database,
        schema: undefined,
        sslMode: 'prefer',
        sslRootCert: undefined,
      },
    },
    async query(sql, bindings = []) {
      if (client === undefined) {
        client = new pg.Client({ connectionString: url.href, types: { getTypeParser } });
        client.on('error', () => {
          client = undefined;
        });
        await client.connect();
        await client.query("SET TIME ZONE 'UTC'");
      }
      let count = 0;
      const text = bindings.length === 0 ? sql : sql.replaceAll('?', () => `$${++count}`);
      return (await client.query(text, [...bindings])).rows;
    },
    async drop() {
      await client?.end();
      await asAdmin(server, `DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
    },
  };
}

const MOMENTS_AND_DATES = new Set([1082, 1083, 1114, 1184]);

function getTypeParser(oid: number) {
  return MOMENTS_AND_DATES.has(oid) ? (text: string) => text : pg.types.getTypeParser(oid);
}

async function asAdmin(server: URL, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.href });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
