import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { describe, inject } from 'vitest';
import { parseMariadbUrl } from '../../src/db/engines/mariadb/url.js';
import type { ParsedDatabase } from '../../src/settings/settings.js';

const allEngines = ['sqlite', 'postgres', 'mariadb'] as const;
export type Engine = (typeof allEngines)[number];

/** The server of MariaDB or MySQL that tests are run on, if any: `npm run test:mariadb` starts one. */
const { TEST_MARIADB_URL: mariadbUrl } = process.env;

/** Those that tests are run on: where there is such a server that one alone, since the others are without it. */
export const engines: readonly Engine[] = allEngines.filter(
  (engine) => (engine === 'mariadb') === (mariadbUrl !== undefined),
);

type Rows = Record<string, unknown>[];

export interface TestDatabase {
  readonly engine: Engine;
  readonly url: string;
  readonly settings: ParsedDatabase;
  /** Runs SQL with `?` for bindings on a connection of its own. Timestamps, and integers of 64 bits, come as text. */
  query(sql: string, bindings?: readonly unknown[]): Promise<Rows>;
  /** Ends that connection; the next query makes another one. */
  disconnect(): Promise<void>;
  drop(): Promise<void>;
}

/** Makes a database that nobody else uses: empty, or a copy of the one that Django has made. */
export async function createDatabase(
  engine: Engine,
  { from = 'empty' }: { from?: 'empty' | 'sample' } = {},
): Promise<TestDatabase> {
  if (engine === 'sqlite') return createSqlite(from === 'sample' ? await readFile(sqliteSample) : '');
  if (engine === 'postgres') return createPostgres(`${inject('postgresPrefix')}_${from}`);
  return createMariadb(from);
}

/** Makes databases as `make` makes one. On most engines it is run once in a file of tests, and what it has made is copied. */
export function databasesLike(
  make: (engine: Engine) => Promise<TestDatabase>,
): (engine: Engine) => Promise<TestDatabase> {
  const originals = new Map<Engine, Promise<() => Promise<TestDatabase>>>();
  const copier = async (engine: Engine) => {
    const { settings, drop, disconnect } = await make(engine);
    const { target } = settings;
    if (target.engine === 'sqlite') {
      const content = await readFile(target.filename);
      await drop();
      return () => createSqlite(content);
    }
    // It goes with all others at the end of the run. A database that has connections cannot be copied.
    await disconnect();
    return () => createPostgres(target.database ?? '');
  };
  return async (engine) => {
    if (engine === 'mariadb') return make(engine);
    const original = originals.get(engine) ?? copier(engine);
    originals.set(engine, original);
    return (await original)();
  };
}

/** Runs the same tests for each engine. */
export function forEachEngine(tests: (engine: Engine) => void): void {
  describe.each(engines)('%s', tests);
}

/** Resolves once somebody waits for a lock that the transaction of `db.query` holds, on PostgreSQL. */
export async function untilSomebodyWaits(db: TestDatabase): Promise<void> {
  const waiting = 'SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))';
  while ((await db.query(waiting)).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
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

const sqliteSample = new URL('../data/samples/sample.sqlite3', import.meta.url);

async function createSqlite(content: Uint8Array | string): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'manage-sqlite-'));
  const filename = join(folder, 'db.sqlite3');
  await writeFile(filename, content);
  return {
    engine: 'sqlite',
    url: `sqlite:///${filename}`,
    settings: { alias: 'default', target: { engine: 'sqlite', filename }, protected: false },
    query: (sql, bindings = []) => querySqlite(filename, sql, bindings),
    disconnect: async () => {},
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

async function createPostgres(template: string): Promise<TestDatabase> {
  const server = new URL(inject('postgresUrl'));
  const prefix = inject('postgresPrefix');
  made += 1;
  const database = `${prefix}_${process.pid}_${made}`;
  // Files are copied in a third of the time that their pages take through the log.
  await asAdmin(server, `CREATE DATABASE "${database}" TEMPLATE "${template}" ENCODING 'UTF8' STRATEGY file_copy`);
  const url = new URL(server);
  url.pathname = `/${database}`;
  let client: pg.Client | undefined;
  const connected = async () => {
    if (client !== undefined) return client;
    const opened = new pg.Client({ connectionString: url.href, types: { getTypeParser } });
    opened.on('error', () => {
      client = undefined;
    });
    await opened.connect();
    await opened.query("SET TIME ZONE 'UTC'");
    client = opened;
    return opened;
  };
  // One after the other: pg 9 takes no query while another one runs.
  let last: Promise<unknown> = Promise.resolve();
  const disconnect = async () => {
    const left = client;
    client = undefined;
    await left?.end();
  };
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
    query(sql, bindings = []) {
      let count = 0;
      const text = bindings.length === 0 ? sql : sql.replaceAll('?', () => `$${++count}`);
      const run = async () => (await (await connected()).query(text, [...bindings])).rows;
      const result = last.then(run);
      last = result.catch(() => undefined);
      return result;
    },
    disconnect,
    async drop() {
      await disconnect();
      await asAdmin(server, `DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
    },
  };
}

const MOMENTS_AND_DATES = new Set([1082, 1083, 1114, 1184]);

function getTypeParser(oid: number) {
  return MOMENTS_AND_DATES.has(oid) ? (text: string) => text : pg.types.getTypeParser(oid);
}

async function createMariadb(from: 'empty' | 'sample'): Promise<TestDatabase> {
  if (mariadbUrl === undefined) throw new Error('TEST_MARIADB_URL names no server of MariaDB or MySQL.');
  const server = new URL(mariadbUrl);
  made += 1;
  const database = `manage_test_${process.pid}_${made}`;
  await asMariadb(server, undefined, async (run) => {
    await run(`CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`);
  });
  if (from === 'sample') await asMariadb(server, database, async (run) => run(await mariadbSample()));
  const url = new URL(server);
  url.pathname = `/${database}`;
  let client: mysql.Connection | undefined;
  const disconnect = async () => {
    await client?.end();
    client = undefined;
  };
  return {
    engine: 'mariadb',
    url: url.href,
    settings: {
      alias: 'default',
      protected: false,
      target: parseMariadbUrl(url.href.slice(url.protocol.length), { base: '/', lookup: () => undefined }),
    },
    async query(sql, bindings = []) {
      client ??= await openMariadb(server, database);
      const [rows] = await client.query(sql, [...bindings]);
      return Array.isArray(rows) ? (rows as Rows) : [];
    },
    disconnect,
    async drop() {
      await disconnect();
      await asMariadb(server, undefined, (run) => run(`DROP DATABASE IF EXISTS \`${database}\``));
    },
  };
}

let sampleText: string | undefined;

async function mariadbSample(): Promise<string> {
  sampleText ??= await readFile(new URL('../data/samples/sample.mariadb.sql', import.meta.url), 'utf8');
  return sampleText;
}

async function openMariadb(server: URL, database: string | undefined): Promise<mysql.Connection> {
  const client = await mysql.createConnection({
    host: server.hostname,
    port: Number(server.port || 3306),
    user: decodeURIComponent(server.username),
    password: decodeURIComponent(server.password),
    ...(database === undefined ? {} : { database }),
    charset: 'utf8mb4_unicode_ci',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    jsonStrings: true,
    multipleStatements: true,
  });
  // Tests write SQL as the standard has it.
  await client.query("SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,STRICT_ALL_TABLES', foreign_key_checks = 0");
  return client;
}

async function asMariadb(
  server: URL,
  database: string | undefined,
  work: (run: (sql: string) => Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const client = await openMariadb(server, database);
  try {
    await work((sql) => client.query(sql));
  } finally {
    await client.end();
  }
}

let admin: Promise<pg.Client> | undefined;

/** Runs a statement on a connection that is kept as long as this process runs. */
async function asAdmin(server: URL, sql: string): Promise<void> {
  admin ??= (async () => {
    const client = new pg.Client({ connectionString: server.href });
    client.on('error', () => {
      admin = undefined;
    });
    await client.connect();
    return client;
  })();
  await (await admin).query(sql);
}
