import { AsyncLocalStorage } from 'node:async_hooks';
import type { Knex, knex } from 'knex';
import { CommandError } from '../../errors.js';
import { constraintFailed, databaseReason } from '../dialect/error-text.js';
import { knexModules } from './knex.js';
import { closeUntaken, lateAccess, type PlainRows } from './late-knex.js';
import type { Names } from './names.js';
import { isWithin, openScope, type Scope, type TransactionMode } from './scope.js';

export type KnexClient = InstanceType<typeof knex.Client>;
export type KnexClientClass = typeof knex.Client;

/** Knex says what it has to say through exceptions; nothing that it logs is meant for the person at the terminal. */
const silent = { debug() {}, warn() {}, error() {}, deprecate() {} };

/** Settings of every Knex instance here. Without `compileSqlOnError: false` its errors would show the bound values. */
export const knexSettings = (names: Names) =>
  ({
    useNullAsDefault: true,
    compileSqlOnError: false,
    log: silent,
    wrapIdentifier: names.wrap,
  }) as const;

/** What the clients of one open database share: the pool's, and those that are bound to one connection of it. */
export interface Guard {
  /** The sentence for an error of the driver, where there is one. */
  explain(error: unknown): CommandError | undefined;
  readonly names: Names;
  /** The transaction or savepoint that the running code is inside of, or was when it was started. */
  readonly inside: AsyncLocalStorage<Scope>;
  /** How much is running inside of one. */
  running: number;
  /** Connections with a transaction that the engine may end by itself. */
  readonly watched: WeakMap<object, Watch>;
  /** Set once the database is being closed: nothing new is run then. */
  closed: boolean;
}

/** Says, by the error and by what it can run, whether the transaction is still there after a failure. */
export type Survives = (run: (sql: string) => Promise<unknown>, error: unknown) => Promise<boolean>;

interface Watch {
  readonly survives: Survives;
  /** What every further statement fails with. */
  lost?: CommandError;
}

type GuardedClient = KnexClient & { readonly guard: Guard; readonly scope?: Scope; readonly transacting?: boolean };

/**
 * A Knex client class whose errors are those of this program: what `explain` knows is thrown as its CommandError, with
 * the driver's error as the cause, and no error carries row contents. Queries that go round the transaction which they
 * are made in fail at once: with one connection they would wait for themselves, with more they would not see its work.
 */
export function guardedClient(Base: KnexClientClass, names: Names, explain: Guard['explain']): KnexClientClass {
  const guard: Guard = {
    explain,
    names,
    inside: new AsyncLocalStorage(),
    running: 0,
    watched: new WeakMap(),
    closed: false,
  };
  return class extends Base {
    get guard(): Guard {
      return guard;
    }

    override async query(connection: unknown, query: unknown): Promise<unknown> {
      if (guard.closed) throw closedError();
      restoreNames(names, query, this);
      const watch = typeof connection === 'object' && connection !== null ? guard.watched.get(connection) : undefined;
      if (watch?.lost !== undefined) throw watch.lost;
      try {
        return await super.query(connection, query);
      } catch (error) {
        const clean = withoutContents(error, query);
        const explained = explain(clean) ?? clean;
        // The next one may go to another server.
        if (explained instanceof CommandError && ended.has(explained.code)) disposeOf(connection, explained.message);
        if (watch !== undefined && !(await watch.survives((sql) => super.query(connection, { sql }), error))) {
          watch.lost ??= lostError(explained);
        }
        throw explained;
      }
    }

    override async acquireConnection(): Promise<unknown> {
      assertUsable(guard);
      try {
        return await super.acquireConnection();
      } catch (error) {
        throw explain(error) ?? error;
      }
    }

    override transaction(...args: Parameters<KnexClient['transaction']>): ReturnType<KnexClient['transaction']> {
      const { transacting } = this as { readonly transacting?: boolean };
      // Knex's own always begins in the same way, and gives a connection back with the transaction open if COMMIT fails.
      if (!transacting) throw new Error('Transactions are begun by `transaction` of db/transaction alone.');
      return super.transaction(...args);
    }

    // Neither SQLite driver nor Knex takes a BigInt for what it is; a column's affinity makes the text a number.
    override prepBindings(bindings: unknown): unknown {
      return Array.isArray(bindings)
        ? bindings.map((value) => (typeof value === 'bigint' ? String(value) : value))
        : bindings;
    }
  };
}

/** Codes of errors after which a connection is of no use for others. */
const ended: ReadonlySet<string> = new Set(['connection_lost', 'database_unreachable', 'database_read_only']);

/** Knex looks for this before it gives a connection out again, and then closes it. */
function disposeOf(connection: unknown, why: string): void {
  if (typeof connection === 'object' && connection !== null) Object.assign(connection, { __knex__disposed: why });
}

function outsideError(): CommandError {
  return new CommandError('A query was made outside of the transaction that is open around it.', {
    code: 'outside_transaction',
    hint: 'Use the connection that `transaction` hands over, and pass it on.',
  });
}

function endedError(): CommandError {
  return new CommandError('A query was made in a transaction that has ended.', {
    code: 'transaction_ended',
    hint: 'Wait for all that a transaction does before its work resolves.',
  });
}

function restoreNames(names: Names, query: unknown, client: KnexClient): void {
  if (typeof query !== 'object' || query === null || !('sql' in query) || typeof query.sql !== 'string') return;
  query.sql = names.restore(query.sql, client);
}

/** Tells a database's clients which names it has, so that none of them is taken apart. */
export function noteNames(db: Knex, tables: Parameters<Names['note']>[0]): void {
  const late = lateAccess(db);
  const { guard }: Partial<GuardedClient> = late === undefined ? db.client : {};
  (late?.names ?? guard?.names)?.note(tables);
}

/** The rows of a statement that is sent as it stands, without Knex as long as nobody else has asked for that. */
export async function plainRows<Row extends object>(db: Knex, sql: string): Promise<readonly Row[]> {
  const late = lateAccess(db);
  if (late === undefined) return rowsOf(await db.raw(sql)) as readonly Row[];
  if (late.closed) throw closedError();
  try {
    return (await late.query(sql)) as readonly Row[];
  } catch (error) {
    throw late.explain(error) ?? error;
  }
}

/** The rows in what a driver resolves with: an array of them, in an object, or the first of two arrays. */
function rowsOf(answer: { readonly rows?: PlainRows } | PlainRows | readonly [PlainRows, unknown]): unknown {
  if (!Array.isArray(answer)) return 'rows' in answer ? answer.rows : [];
  return Array.isArray(answer[0]) ? answer[0] : answer;
}

function closedError(): CommandError {
  return new CommandError('The connection to the database has been closed.', { code: 'connection_closed' });
}

/** Nothing may be written any more: it would be committed at once, and the rest is gone. */
function lostError(cause: unknown): CommandError {
  const [code, hint] = cause instanceof CommandError ? [cause.code, cause.hint] : [undefined, undefined];
  return new CommandError(`The database ended the transaction by itself: ${databaseReason(cause)}`, {
    code: code === undefined || code === constraintFailed ? 'transaction_lost' : code,
    hint: `Nothing was changed. ${hint ?? 'Look into what the database says, and try again.'}`,
    cause,
  });
}

/**
 * Notes the statement that Knex puts before the driver's words, and takes the row away that PostgreSQL shows, with its
 * password hash, where a NOT NULL or CHECK constraint fails.
 */
function withoutContents(error: unknown, query: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const statement = typeof query === 'object' && query !== null && 'sql' in query ? query.sql : query;
  Object.assign(error, { statement });
  if ('detail' in error && String(error.detail).startsWith('Failing row contains')) delete error.detail;
  return error;
}

/**
 * The innermost transaction or savepoint that is open around the running code, where `db` is of one; `db`'s own where the
 * code is not inside of it. Undefined where `db` is not bound to a transaction.
 */
export function scopeOf(db: Knex): Scope | undefined {
  const { scope, guard }: GuardedClient = db.client;
  if (scope === undefined) return undefined;
  const inside = openScope(guard.inside.getStore());
  return inside !== undefined && isWithin(inside, scope) ? inside : scope;
}

/** One connection, taken out of the pool. */
export interface SingleConnection {
  /** Runs everything on this connection. */
  readonly executor: Knex;
  /** Says that the connection must not be used again. */
  discard(): void;
  /** From now on, a statement after one that ended the transaction fails; `undefined` ends that. */
  watch(survives: Survives | undefined): void;
  /** What belongs to the transaction that has been begun on it. */
  scope(mode: TransactionMode): Scope;
}

/**
 * Runs `work` with one connection of the pool, and gives it back.
 * It is long because what it binds is good as long as the connection is taken, and no longer.
 */
export async function withConnection<T>(db: Knex, work: (single: SingleConnection) => Promise<T>): Promise<T> {
  const client: GuardedClient = db.client;
  const connection: object = await client.acquireConnection();
  let taken = true;
  let last: Promise<unknown> = Promise.resolve();
  const bind = (scope?: Scope): Knex => {
    const isOpen = () => taken && (scope === undefined || openScope(scope) === scope);
    const bound: KnexClient = Object.create(Object.getPrototypeOf(client), {
      transacting: { value: true },
      scope: { value: scope },
      // One after the other, also where code starts several at once: neither driver keeps their order by itself.
      query: {
        value: (...args: Parameters<KnexClient['query']>) => {
          const result = last.then(() => client.query.apply(bound, args));
          last = result.catch(() => undefined);
          return result;
        },
      },
      acquireConnection: {
        value: async () => {
          if (!isOpen()) throw endedError();
          return connection;
        },
      },
      releaseConnection: { value: async () => {} },
    });
    const { config, driver, version, logger, connectionSettings, valueForUndefined } = client;
    Object.assign(bound, { config, driver, version, logger, connectionSettings, valueForUndefined });
    return knexModules.bind(bound);
  };
  const scopeIn = (mode: TransactionMode, parent?: Scope): Scope => {
    let executor: Knex | undefined;
    const scope: Scope = {
      mode,
      parent,
      open: true,
      free: Promise.resolve(),
      get executor() {
        executor ??= bind(scope);
        return executor;
      },
      run: (run) => runInside(client.guard, scope, run),
      nest: () => scopeIn(mode, scope),
    };
    return scope;
  };
  try {
    return await work({
      executor: bind(),
      discard: () => disposeOf(connection, 'its transaction could not be ended'),
      watch: (survives) => {
        if (survives === undefined) client.guard.watched.delete(connection);
        else client.guard.watched.set(connection, { survives });
      },
      scope: scopeIn,
    });
  } finally {
    taken = false;
    client.guard.watched.delete(connection);
    await client.releaseConnection(connection);
  }
}

/** Up to Node 23 every promise of the process takes three times as long while this is on: not once nothing runs inside. */
async function runInside<T>(guard: Guard, scope: Scope, work: () => Promise<T>): Promise<T> {
  guard.running += 1;
  try {
    return await guard.inside.run(scope, work);
  } finally {
    guard.running -= 1;
    if (guard.running === 0) guard.inside.disable();
  }
}

/** Runs a SELECT that Knex has compiled before, as it stands, and resolves with its rows. */
export async function runCompiled(
  db: Knex,
  sql: string,
  bindings: readonly Knex.Value[],
): Promise<readonly Record<string, unknown>[]> {
  const client: GuardedClient & Compiled = db.client;
  const query = { sql, bindings, method: 'select' };
  // A transaction's own connection sees what nobody else does yet.
  if (client.transacting !== true) assertUsable(client.guard);
  const direct = client.transacting === true ? undefined : client.runPrepared?.(sql, bindings);
  const connection: unknown = direct === undefined ? await client.acquireConnection() : undefined;
  try {
    if (direct !== undefined) return await direct;
    // What Knex does besides is for those who listen to its events, and nobody does.
    await client._query(connection, query);
    return client.processResponse(query, client);
  } catch (error) {
    const clean = withoutContents(error, query);
    throw client.guard.explain(clean) ?? clean;
  } finally {
    if (direct === undefined) await client.releaseConnection(connection);
  }
}

/** Nothing goes to a closed database, or round the transaction that it is asked in. */
function assertUsable(guard: Guard): void {
  if (guard.closed) throw closedError();
  if (openScope(guard.inside.getStore()) !== undefined) throw outsideError();
}

interface Compiled {
  /** For drivers that queue queries themselves: runs one beside the pool. */
  runPrepared?(sql: string, bindings: readonly unknown[]): Promise<Record<string, unknown>[]> | undefined;
  _query(connection: unknown, query: object): Promise<unknown>;
  processResponse(query: object, runner: unknown): Record<string, unknown>[];
}

const CLOSE_TIMEOUT_MS = 2000;

/**
 * Closes all connections. Where a query is running, `interrupt` ends it; what is not committed is rolled back. Does not
 * wait for ever for code that holds a connection and does something else.
 */
export async function closeDatabase(db: Knex, interrupt: () => void): Promise<void> {
  const late = lateAccess(db);
  if (late !== undefined) {
    if (late.closed) return;
    late.closed = true;
    return withPatience(late.close());
  }
  const client: GuardedClient = db.client;
  if (client.guard.closed) return;
  client.guard.closed = true;
  if (client.pool !== undefined && 'numUsed' in client.pool && client.pool.numUsed() > 0) interrupt();
  await withPatience(Promise.all([db.destroy(), closeUntaken(db)]));
}

async function withPatience(closing: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
  });
  await Promise.race([closing, patience]).finally(() => clearTimeout(timer));
}
