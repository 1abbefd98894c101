import type { Knex } from 'knex';
import type { DbContext } from '../../db/connect/connection.js';
import { withLock } from '../../db/transactions/locks.js';
import { assertUnbound, transaction } from '../../db/transactions/transaction.js';
import { type BatchOptions, type BatchResult, deleteInBatches } from '../../db/write/batches.js';
import { expiredBefore, sessionTable } from '../store/table.js';

export interface ClearOptions extends Omit<BatchOptions, 'table' | 'where' | 'skipLocked' | 'beforeBatch'> {
  /** By default the present. */
  readonly now?: Date;
}

/** What a run has done, and why there may be more to do. */
export interface ClearResult extends Omit<BatchResult, 'rows'> {
  readonly deleted: number;
}

/**
 * Deletes the sessions that were over at `now`, in batches, so that the site goes on; what a request has locked is left
 * for the next run. Resolves with undefined, and does nothing, where another run is at it already.
 */
export async function clearExpiredSessions(
  connection: DbContext,
  { now = new Date(), ...options }: ClearOptions = {},
): Promise<ClearResult | undefined> {
  const { table } = sessionTable(connection.registry).model;
  const where = expiredBefore(connection, now);
  return withLock(connection, 'clearsessions', { wait: false }, async (_assertHeld, regain) => {
    const batches = { ...options, table, where, skipLocked: true, beforeBatch: regain };
    const { rows, ...result } = await deleteInBatches(connection, batches);
    return { deleted: rows, ...result };
  });
}

/** How long to wait for whoever has locked the table; by default as long as the engine does. */
type Patience = Pick<BatchOptions, 'lockTimeoutMs'>;

/** How many sessions were over at `now`. */
export async function countExpiredSessions(connection: DbContext, now: Date, patience?: Patience): Promise<number> {
  const where = expiredBefore(connection, now);
  return countSessions(connection, (bound) => where(bound.db), patience);
}

/** How many sessions have an end that is no moment: whether they are over is not known, and they are left alone. */
export async function countUnreadableSessions(connection: DbContext, patience?: Patience): Promise<number> {
  const { column } = sessionTable(connection.registry).expires;
  const odd = ({ db, dialect }: DbContext) => dialect.oddMoments?.(db, column)?.unreadable;
  return countSessions(connection, odd, patience);
}

/** None where there is no condition. */
async function countSessions(
  connection: DbContext,
  where: (bound: DbContext) => Knex.Raw | undefined,
  { lockTimeoutMs }: Patience = {},
): Promise<number> {
  if (where(connection) === undefined) return 0;
  const { table } = sessionTable(connection.registry).model;
  const count = async (bound: DbContext) => {
    const [row] = await bound
      .db(table)
      .whereRaw(where(bound) as Knex.Raw)
      .count({ count: '*' });
    return Number(row?.count ?? 0);
  };
  // A statement of its own would wait as long as the lock is held.
  return transaction(connection, count, {
    mode: 'snapshot',
    ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }),
  });
}

/** Gives the room of deleted sessions back; on SQLite that writes the whole file anew, and nobody else can write meanwhile. */
export async function vacuumSessions(connection: DbContext): Promise<void> {
  assertUnbound(connection, 'Giving room back');
  const engine = await connection.dialect.batches();
  await engine.vacuum(connection, sessionTable(connection.registry).model.table);
}
