import { type BatchOptions, type BatchResult, deleteInBatches } from '../db/batches.js';
import type { Connection } from '../db/connection.js';
import { withLock } from '../db/locks.js';
import { expiredBefore, sessionTable } from './table.js';

type Place = Pick<Connection, 'db' | 'dialect' | 'registry'>;

export interface ClearOptions extends Omit<BatchOptions, 'table' | 'where'> {
  readonly now: Date;
}

/**
 * Deletes the sessions that were over at `now`, in batches, so that the site goes on. Resolves with undefined, and does
 * nothing, where another run is at it already.
 */
export async function clearExpiredSessions(
  connection: Place,
  { now, ...options }: ClearOptions,
): Promise<BatchResult | undefined> {
  const { table } = sessionTable(connection.registry).model;
  const where = expiredBefore(connection, now);
  return withLock(connection, 'clearsessions', { wait: false }, () =>
    deleteInBatches(connection, { ...options, table, where }),
  );
}

/** How many sessions were over at `now`. */
export async function countExpiredSessions(connection: Place, now: Date): Promise<number> {
  const { table } = sessionTable(connection.registry).model;
  const where = expiredBefore(connection, now);
  const [row] = await connection.db(table).whereRaw(where(connection.db)).count({ count: '*' });
  return Number(row?.count ?? 0);
}

/** Gives the room of deleted sessions back; on SQLite that writes the whole file anew, and nobody else can write meanwhile. */
export async function vacuumSessions(connection: Place): Promise<void> {
  const engine = await connection.dialect.batches();
  await engine.vacuum(connection, sessionTable(connection.registry).model.table);
}
