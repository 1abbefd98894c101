import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from './node-sqlite.js';

/** Milliseconds that a connection waits for other programs' locks. */
const patience = new WeakMap<Database, number>();

/** As `PRAGMA busy_timeout`, for {@link patiently}; the next look at a lock heeds it, also of what waits already. */
export function setPatience(connection: Database, ms: number): void {
  patience.set(connection, ms);
}

export const patienceOf = (connection: Database): number => patience.get(connection) ?? 0;

/** Pauses between two looks at a lock, in milliseconds, as SQLite's own busy handler has them; later ones are as the last. */
const pauses = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100];

/**
 * Runs a statement of a driver that works in the program's own thread, again and again as long as another program has a lock in its
 * way. SQLite's own wait would hold up all else in the program: in a server, every other request. A statement that finds a
 * lock has done nothing, and a COMMIT leaves its transaction open.
 */
export async function patiently<T>(connection: Database, run: () => T): Promise<T> {
  const begin = performance.now();
  for (let attempt = 0; ; attempt++) {
    try {
      return run();
    } catch (error) {
      const left = begin + patienceOf(connection) - performance.now();
      if (!isLock(error) || left <= 0) throw error;
      await sleep(Math.min(left, pauses[attempt] ?? 100));
    }
  }
}

/** SQLITE_BUSY and SQLITE_BUSY_RECOVERY (sqlite.org/rescode.html): a snapshot that has become old would stay so. */
function isLock(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (error.errcode === 5 || error.errcode === 261);
}
