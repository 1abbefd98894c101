import type { Connection } from '../connect/connection.js';
import type { Executors } from '../read/parallel-pages.js';
import { isBound, transaction } from './transaction.js';

export type { SecondReader } from '../dialect/reading.js';

const ATTEMPTS = 3;

/**
 * Runs `work` with what reads one state throughout and cannot write: one executor, or two where the engine reads a large
 * database faster with two connections. Where others write so often that two connections do not come to see the same
 * state, there is one. Inside of a transaction it is what that transaction sees.
 */
export async function snapshot<T>(
  connection: Pick<Connection, 'db' | 'dialect' | 'run'>,
  work: (executors: Executors) => Promise<T>,
): Promise<T> {
  if (isBound(connection)) return transaction(connection, ({ db }) => work([db]), { mode: 'snapshot' });
  const second = await connection.dialect.openSecondReader();
  try {
    for (let attempt = 1; ; attempt++) {
      // Nothing may be locked when the first one begins: it may wait for a writer that waits for all who read.
      const before = await second?.version().catch(() => undefined);
      const done = await transaction(
        connection,
        async ({ db: executor }) => {
          // It began between two looks of the second one, to which nothing has changed: both see one state.
          if (second !== undefined && before !== undefined && (await second.begin(before).catch(() => false))) {
            return { result: await work([executor, second.executor]) };
          }
          if (before !== undefined && attempt < ATTEMPTS) return undefined;
          await second?.close();
          return { result: await work([executor]) };
        },
        { mode: 'snapshot' },
      );
      if (done !== undefined) return done.result;
    }
  } finally {
    await second?.close();
  }
}
