import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { UsageError } from '../../errors.js';
import type { DbContext, Executor } from '../connect/connection.js';
import type { TablePart } from '../dialect/batches.js';
import { outlast } from '../transactions/outages.js';
import { isBound, transaction } from '../transactions/transaction.js';

export type { BatchDialect, TablePart } from '../dialect/batches.js';

export interface BatchOptions {
  readonly table: string;
  /** Which rows are meant: a condition that is put into several statements. */
  readonly where: (executor: Executor) => Knex.Raw;
  /**
   * Leaves the rows that other programs have locked. By default they are waited for, once all others are done; with
   * `maxRows` they are left.
   */
  readonly skipLocked?: boolean;
  /** Whether rows refer to each other, so that references can only be checked when all of them are gone. */
  readonly deferReferences?: boolean;
  /** Rows in one transaction: a number, everything in one, or as many as take some {@link batchTargetMs}. */
  readonly size?: number | 'all' | 'adaptive';
  /** Milliseconds between batches, in which other writers have their turn; by default as many as the engine needs, and none in a transaction. */
  readonly pauseMs?: number;
  readonly maxRows?: number | undefined;
  readonly maxSeconds?: number | undefined;
  /** Milliseconds to wait for other programs' locks. */
  readonly lockTimeoutMs?: number | undefined;
  /** Stops after the batch that is being done. */
  readonly signal?: AbortSignal;
  /** Called before each batch; what it throws ends the work. */
  readonly beforeBatch?: () => void | Promise<void>;
  readonly onProgress?: (rows: number) => void;
  readonly alongside?: Alongside | undefined;
}

/**
 * Does something in the transaction of each batch that has changed rows: `before` so many were done in batches that are committed,
 * and `after` this one there are so many. It may be done again where the transaction is.
 */
export type Alongside = (
  bound: DbContext,
  rows: { readonly before: number; readonly after: number },
) => Promise<unknown>;

export interface BatchResult {
  /** How many rows were deleted or changed. */
  readonly rows: number;
  readonly batches: number;
  /** Why there may be rows left, or undefined where it ran to the end. */
  readonly stopped: 'max-rows' | 'max-seconds' | 'interrupted' | undefined;
}

/** How long an adaptive batch is to take. */
const batchTargetMs = 50;
const firstBatch = 200;
const smallestBatch = 50;
const greatestBatch = 50_000;
const mostGrowth = 1.5;
/** What stands for no limit: MySQL has no word for it. */
const mostAtOnce = 2_147_483_647;

/**
 * Deletes rows in many short transactions, so that other programs can write meanwhile. It may be killed at any moment: each
 * batch is there or is not, and the next run goes on. Where the server is lost, it goes on when that or another one answers. On a connection that is bound to a transaction all are a part of that.
 */
export function deleteInBatches(connection: DbContext, options: BatchOptions): Promise<BatchResult> {
  return inBatches(connection, options, (query) => query.del());
}

/** Sets columns of rows to NULL in the same way. `where` must not hold for them any more after that. */
export function emptyInBatches(
  connection: DbContext,
  columns: readonly string[],
  options: BatchOptions,
): Promise<BatchResult> {
  const empty = Object.fromEntries(columns.map((column) => [column, null]));
  return inBatches(connection, options, (query) => query.update(empty));
}

/** It is long because each reason to stop, or to go on, is looked at in one loop. */
async function inBatches(
  connection: DbContext,
  options: BatchOptions,
  work: (query: Knex.QueryBuilder) => PromiseLike<number>,
): Promise<BatchResult> {
  const { table, where, size = 'adaptive', maxRows, maxSeconds, lockTimeoutMs, signal, onProgress } = options;
  const { db, dialect } = connection;
  const deadline = maxSeconds === undefined ? undefined : performance.now() + maxSeconds * 1000;
  const engine = await dialect.batches();
  let [done, batches, limit] = [0, 0, typeof size === 'number' ? size : firstBatch];

  const doBatch = (part: TablePart | undefined, count: number | undefined) =>
    transaction(
      connection,
      async (bound): Promise<readonly [number, number]> => {
        const { db: executor } = bound;
        const started = performance.now();
        const query = executor(part === undefined ? table : part.name).whereRaw(where(executor));
        if (part !== undefined && count !== undefined) {
          const some = await engine.some(executor, part, where(executor), count);
          if (some === undefined) return [0, started];
          query.whereRaw(some.rows);
        }
        const change = async () => work(query);
        const deferred = options.deferReferences ? dialect.deferReferences(executor, change) : change();
        const rows = await deferred;
        if (rows > 0) await options.alongside?.(bound, { before: done, after: done + rows });
        return [rows, started];
      },
      { partial: true, repeatable: true, ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }) },
    );

  const stop = (stopped: BatchResult['stopped']): BatchResult => ({ rows: done, batches, stopped });
  const whole = size === 'all' && maxRows === undefined;
  const waits = options.skipLocked !== true && maxRows === undefined && !dialect.features.singleWriter;
  for (const part of whole ? [undefined] : await engine.parts(db, table)) {
    for (let last = whole; ; ) {
      if (signal?.aborted) return stop('interrupted');
      const left = maxRows === undefined ? Number.POSITIVE_INFINITY : maxRows - done;
      if (left <= 0) return stop('max-rows');
      const count = size === 'all' ? left : Math.min(limit, left, dialect.features.largestBatch);
      if (deadline !== undefined && performance.now() >= deadline) return stop('max-seconds');
      const [rows, started] = await outlast(
        connection,
        async () => {
          await options.beforeBatch?.();
          return doBatch(part, last ? undefined : count);
        },
        { signal },
      );
      if (rows > 0) {
        done += rows;
        batches += 1;
        onProgress?.(done);
      }
      if (last) break;
      if (rows === 0) {
        if (!waits) break;
        // What is left is locked, and little: a statement without a choice of rows waits, and looks at each once more.
        last = true;
        continue;
      }
      const tookMs = performance.now() - started;
      if (size === 'adaptive')
        limit = nextLimit(limit, tookMs, rows === count, { largest: dialect.features.largestBatch });
      const pauseMs = options.pauseMs ?? deletePauseMs(connection, tookMs);
      await sleep(pauseMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    }
  }
  return stop(undefined);
}

/**
 * Deletes the rows for which a condition holds, but for those that other programs have locked, in the transaction of the
 * connection; resolves with how many there were. It is put into several statements.
 */
export async function deleteUnlocked(
  { db, dialect }: DbContext,
  table: string,
  where: (executor: Executor) => Knex.Raw,
): Promise<number> {
  // Nobody else has locked anything.
  if (dialect.features.singleWriter) return db(table).whereRaw(where(db)).del();
  const engine = await dialect.batches();
  let rows = 0;
  for (const part of await engine.parts(db, table)) {
    const some = await engine.some(db, part, where(db), mostAtOnce);
    if (some !== undefined) rows += await db(part.name).whereRaw(where(db)).whereRaw(some.rows).del();
  }
  return rows;
}

interface LimitOptions {
  readonly smallest?: number;
  readonly largest?: number;
  readonly targetMs?: number;
}

/**
 * How many rows the next adaptive batch has. That grows slowly, since they may lie in parts of the file that have to be read
 * from the disk, and shrinks at once: others wait for as long as a batch takes. One that was not `full` says nothing about
 * larger ones.
 */
export function nextLimit(
  limit: number,
  tookMs: number,
  full: boolean,
  { smallest = smallestBatch, largest = greatestBatch, targetMs = batchTargetMs }: LimitOptions = {},
): number {
  const factor = Math.min(full ? mostGrowth : 1, targetMs / Math.max(tookMs, 1));
  return Math.min(largest, Math.max(smallest, Math.round(limit * factor)));
}

/**
 * Milliseconds to leave to other writers after a batch. On a connection that is bound to a transaction there are none: others
 * wait for all of it.
 */
export function deletePauseMs(connection: DbContext, tookMs: number): number {
  return connection.dialect.features.singleWriter && !isBound(connection) ? pauseForOneWriter(tookMs) : 0;
}

/** Who waits for SQLite's write lock sleeps so many milliseconds between two looks (sqlite3.c, sqliteDefaultBusyCallback). */
const sleepsMs = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100];
/** Sleeps are longer than they should be, and the others have to run. */
const slackMs = 4;

/**
 * A pause in which everybody looks who has waited since the transaction began, or later: a shorter one might pass unnoticed.
 */
function pauseForOneWriter(tookMs: number): number {
  let waitedMs = 0;
  for (const ms of sleepsMs) {
    waitedMs += ms;
    if (tookMs < waitedMs) return ms + slackMs;
  }
  return 100 + slackMs;
}

/**
 * A batch size as it is given on a command line.
 *
 * @throws UsageError for anything else.
 */
export function parseBatchSize(text: string | undefined): number | 'all' | 'adaptive' {
  if (text === undefined) return 'adaptive';
  if (text === 'all') return 'all';
  const rows = Number(text);
  if (/^[0-9]+$/.test(text) && rows >= 1 && rows <= 10_000_000) return rows;
  throw new UsageError(`'${text}' is not a batch size.`, {
    hint: "Give a number of rows, or 'all' for a single transaction.",
  });
}
