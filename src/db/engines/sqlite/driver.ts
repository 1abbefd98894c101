import { createRequire } from 'node:module';
import type { knex } from 'knex';
import { CommandError } from '../../../errors.js';
import { knexModules } from '../../connect/knex.js';
import type { PlainRows } from '../../connect/late-knex.js';
import { BUSY_TIMEOUT_MS } from './busy-timeout.js';
import { type Database, loadNodeSqlite, type NodeSqlite } from './node-sqlite.js';
import { patienceOf, patiently, setPatience } from './patience.js';

export type SqliteDriver = 'sqlite3' | 'node:sqlite';

/** What Knex asks its client to run, as far as it matters here. */
interface Query {
  readonly method?: string;
  readonly sql: string;
  readonly bindings?: readonly unknown[];
  readonly returning?: unknown;
  response?: unknown;
  context?: { lastID: unknown; changes: unknown };
}

/** A driver's own connection. */
export interface RawConnection {
  /** Only where queries run beside the program's own code. */
  interrupt?(): void;
}

interface OpenOptions {
  /** Nothing is written, not even an empty file. */
  readonly readOnly?: boolean;
}

export interface LoadedDriver {
  readonly driver: SqliteDriver;
  open(filename: string, options?: OpenOptions): Promise<RawConnection>;
  /** How many milliseconds it waits for other programs' locks; none at first. */
  setBusyTimeout(connection: RawConnection, ms: number): void;
  /** Runs statements that have no rows. */
  run(connection: RawConnection, sql: string): Promise<void>;
  /** The rows of a statement, as Knex gives them. */
  all(connection: RawConnection, sql: string, values?: readonly string[]): Promise<PlainRows>;
  close(connection: RawConnection): Promise<void>;
  /** Knex's client; `first` is asked for a connection before one is opened. */
  client(first: () => Promise<RawConnection> | undefined): typeof knex.Client;
  /** Whether a text that is read ends at its first NUL, as with Node 22's own driver. */
  readonly cutsAtNul: boolean;
}

/**
 * `driver`, or the first one that loads.
 *
 * @throws CommandError where none does.
 */
export function loadDriver(driver: SqliteDriver | undefined): LoadedDriver {
  const reasons: unknown[] = [];
  if (driver !== 'node:sqlite') {
    try {
      return packageDriver(createRequire(import.meta.url)('sqlite3'));
    } catch (error) {
      reasons.push(error);
    }
  }
  if (driver !== 'sqlite3') {
    const module = loadNodeSqlite();
    if (module !== undefined) return nodeSqliteDriver(module);
  }
  throw new CommandError(
    driver === undefined
      ? 'There is no SQLite driver: sqlite3 does not load, and this Node has no node:sqlite.'
      : `The SQLite driver '${driver}' does not load.`,
    {
      code: 'no_driver',
      hint:
        driver === 'node:sqlite'
          ? 'It comes with Node 22.13 and later; use such a Node, or leave MANAGE_SQLITE_DRIVER out.'
          : `${howToGetPackage()}, or use Node 22.13 or later, which has one built in.`,
      cause: reasons[0],
    },
  );
}

/** Where sqlite3 is installed and does not load, the script that compiles it has failed, or was not allowed to run. */
function howToGetPackage(): string {
  try {
    createRequire(import.meta.url).resolve('sqlite3/package.json');
  } catch {
    return 'Install it with `npm install sqlite3`';
  }
  return 'sqlite3 is installed, and not compiled: run `npm rebuild sqlite3` (with npm 12 first `npm approve-scripts sqlite3`, with pnpm only `pnpm approve-builds`)';
}

function cutsAtNul({ DatabaseSync }: NodeSqlite): boolean {
  const db = new DatabaseSync(':memory:');
  try {
    return db.prepare("SELECT 'a' || char(0) AS text").all()[0]?.text === 'a';
  } finally {
    db.close();
  }
}

/** A statement of the sqlite3 package. */
interface PackageStatement {
  all(bindings: readonly unknown[], done: (error: Error | null, rows: Record<string, unknown>[]) => void): void;
  finalize(done: () => void): void;
}
interface PackageConnection {
  interrupt(): void;
  exec(sql: string, done: (error: Error | null) => void): void;
  all(
    sql: string,
    values: readonly string[],
    done: (error: Error | null, rows: Record<string, unknown>[]) => void,
  ): void;
  /** Without `done`, an error would end the process. */
  prepare(sql: string, done: (error: Error | null) => void): PackageStatement;
  configure(option: 'busyTimeout', ms: number): void;
  close(done: (error: Error | null) => void): void;
}
interface Package {
  readonly OPEN_READONLY: number;
  readonly OPEN_READWRITE: number;
  readonly OPEN_CREATE: number;
  readonly Database: new (filename: string, mode: number, opened: (error: Error | null) => void) => PackageConnection;
}

/** What a function of the package tells its last argument. */
const told = <T>(work: (done: (error: Error | null, result?: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    work((error, result) => (error ? reject(error) : resolve(result as T)));
  });

function packageDriver({ Database, OPEN_READONLY, OPEN_READWRITE, OPEN_CREATE }: Package): LoadedDriver {
  const open = (filename: string, { readOnly = false }: OpenOptions = {}) =>
    new Promise<PackageConnection>((resolve, reject) => {
      const mode = readOnly ? OPEN_READONLY : OPEN_READWRITE | OPEN_CREATE;
      const connection = new Database(filename, mode, (error) => (error ? reject(error) : resolve(connection)));
    });
  return {
    driver: 'sqlite3',
    cutsAtNul: false,
    open,
    setBusyTimeout: (connection, ms) => (connection as PackageConnection).configure('busyTimeout', ms),
    run: (connection, sql) => told((done) => (connection as PackageConnection).exec(sql, done)),
    all: (connection, sql, values = []) => told((done) => (connection as PackageConnection).all(sql, values, done)),
    close: (connection) => told((done) => (connection as PackageConnection).close(done)),
    client: (first) => packageClient(open, first),
  };
}

/**
 * Knex's client for the sqlite3 package. What is asked again and again has a connection and statements of its own: the package
 * queues such queries itself, and preparing one takes as long as running it.
 *
 * It is long because it holds a class, whose parent is loaded when it is first needed.
 */
function packageClient(
  open: (filename: string) => Promise<PackageConnection>,
  first: () => Promise<RawConnection> | undefined,
): typeof knex.Client {
  return class PackageClient extends knexModules.sqliteClient {
    readonly #statements = new Map<string, Promise<PackageStatement>>();
    #reader: Promise<PackageConnection> | undefined;

    override positionBindings(sql: string): string {
      return orAbort(plainQuestionMarks(sql));
    }

    override async acquireRawConnection(): Promise<unknown> {
      return first() ?? open(filenameOf(this));
    }

    /** Runs a SELECT beside the pool; undefined where only the pool's connection has the database. */
    runPrepared(sql: string, bindings: readonly unknown[]): Promise<Record<string, unknown>[]> | undefined {
      if (filenameOf(this) === ':memory:') return undefined;
      return this.#prepared(sql).then((statement) => told((done) => statement.all(bindings, done)));
    }

    /** A statement, which is made anew where that has failed, as it does while the file is locked. */
    #prepared(sql: string): Promise<PackageStatement> {
      const known = this.#statements.get(sql);
      if (known !== undefined) return known;
      const preparing = this.#openReader().then(
        (reader) =>
          new Promise<PackageStatement>((resolve, reject) => {
            const statement = reader.prepare(sql, (error) => (error ? reject(error) : resolve(statement)));
          }),
      );
      this.#statements.set(sql, preparing);
      preparing.catch(() => this.#statements.delete(sql));
      return preparing;
    }

    #openReader(): Promise<PackageConnection> {
      this.#reader ??= open(filenameOf(this)).then((reader) => {
        reader.configure('busyTimeout', BUSY_TIMEOUT_MS);
        return reader;
      });
      this.#reader.catch(() => {
        this.#reader = undefined;
      });
      return this.#reader;
    }

    override async destroy(...args: Parameters<InstanceType<typeof knex.Client>['destroy']>): Promise<void> {
      const reader = await this.#reader?.catch(() => undefined);
      this.#reader = undefined;
      // A connection cannot be closed while it has statements.
      for (const preparing of this.#statements.values()) {
        const statement = await preparing.catch(() => undefined);
        if (statement !== undefined) await new Promise<void>((resolve) => statement.finalize(resolve));
      }
      this.#statements.clear();
      if (reader !== undefined) await this.destroyRawConnection(reader);
      await super.destroy(...args);
    }
  };
}

const filenameOf = ({ connectionSettings }: { readonly connectionSettings: object }): string =>
  (connectionSettings as { filename: string }).filename;

/** Knex escapes a question mark for PostgreSQL, and SQLite's client does not understand that. */
const plainQuestionMarks = (sql: string) => sql.replaceAll('\\?', '?');

/**
 * What Knex has built ends with an error where a row would break a constraint, whatever the table says of that: with ON CONFLICT
 * REPLACE the other row would be gone without a word, with IGNORE the new one (sqlite.org/lang_conflict.html).
 */
const orAbort = (sql: string) => sql.replace(/^(?:insert(?= into `)|update(?= `))/, '$& or abort');

function nodeSqliteDriver(module: NodeSqlite): LoadedDriver {
  const { DatabaseSync } = module;
  const open = async (filename: string, options: OpenOptions = {}): Promise<Database & RawConnection> => {
    const opened = await translated(() => new DatabaseSync(filename, options));
    // No statement is at work while other code runs; what waits for a lock gives up.
    return Object.assign(opened, { interrupt: () => setPatience(opened, 0) });
  };
  return {
    driver: 'node:sqlite',
    cutsAtNul: cutsAtNul(module),
    open,
    setBusyTimeout: (connection, ms) => setPatience(connection as Database, ms),
    run: (connection, sql) => attempt(connection as Database, () => (connection as Database).exec(sql)),
    all: (connection, sql, values = []) =>
      attempt(connection as Database, () => allOf(connection as Database, sql, values)),
    async close(connection) {
      (connection as Database).close();
    },
    client: (first) => nodeSqliteClient(open, first),
  };
}

function allOf(connection: Database, sql: string, bindings: readonly unknown[] = []): Record<string, unknown>[] {
  const statement = connection.prepare(sql);
  statement.setReadBigInts(true);
  return statement.all(...bindings).map(readableRow);
}

/** Knex's client for the sqlite3 package, over the driver that is built into Node. */
function nodeSqliteClient(
  open: (filename: string) => Promise<Database>,
  first: () => Promise<RawConnection> | undefined,
): typeof knex.Client {
  return class NodeSqliteClient extends knexModules.sqliteClient {
    // It is asked for what it opens connections with, and never to open one.
    _driver(): unknown {
      return {};
    }

    override positionBindings(sql: string): string {
      return orAbort(plainQuestionMarks(sql));
    }

    override async acquireRawConnection(): Promise<unknown> {
      return first() ?? open(filenameOf(this));
    }

    override async destroyRawConnection(connection: Database): Promise<void> {
      connection.close();
    }

    override async _query(connection: Database, query: Query): Promise<Query> {
      const bindings = (query.bindings ?? []).map(bindable);
      // SQLite's own would hold up the program.
      const [pragma, ms] = /^PRAGMA busy_timeout(?: = (\d+))?$/.exec(query.sql) ?? [];
      if (ms !== undefined) setPatience(connection, Number(ms));
      await attempt(connection, () => {
        if (pragma !== undefined) {
          query.response = [{ timeout: patienceOf(connection) }];
        } else if (runsOnly(query)) {
          const statement = connection.prepare(query.sql);
          statement.setReadBigInts(true);
          const { changes, lastInsertRowid } = statement.run(...bindings);
          query.context = { lastID: readable(lastInsertRowid), changes: Number(changes) };
        } else {
          query.response = allOf(connection, query.sql, bindings);
        }
      });
      return query;
    }
  };
}

/** Which queries have no rows: the same as in Knex's client for sqlite3. */
function runsOnly({ method, returning }: Query): boolean {
  if (method === 'insert' || method === 'update') return !returning;
  return method === 'del' || method === 'counter';
}

function bindable(value: unknown): unknown {
  if (value === undefined) return null;
  return typeof value === 'boolean' ? Number(value) : value;
}

function readable(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  return value;
}

function readableRow(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, readable(value)]));
}

/** Runs a statement, which may wait for a lock. */
const attempt = <T>(connection: Database, run: () => T): Promise<T> => translated(() => patiently(connection, run));

/** Runs `work`; its errors get the `code` and the message that they have with the sqlite3 package. */
async function translated<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && typeof error.errcode === 'number') {
      const code = CODES[error.errcode & 0xff] ?? 'SQLITE_ERROR';
      throw Object.assign(new Error(`${code}: ${error.message}`, { cause: error }), { code });
    }
    throw error;
  }
}

/** Primary result codes (sqlite.org/rescode.html) that somebody here looks at. */
const CODES: Readonly<Record<number, string>> = {
  1: 'SQLITE_ERROR',
  3: 'SQLITE_PERM',
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  8: 'SQLITE_READONLY',
  9: 'SQLITE_INTERRUPT',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  17: 'SQLITE_SCHEMA',
  19: 'SQLITE_CONSTRAINT',
  20: 'SQLITE_MISMATCH',
  26: 'SQLITE_NOTADB',
};
