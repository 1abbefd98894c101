import { stat } from 'node:fs/promises';
import type { Knex } from 'knex';
import type { SecondReader } from '../../transactions/snapshot.js';

/** Bytes of a database from which on a second connection saves more time than it takes to open. */
const LARGE = 4_000_000;

export interface SecondReaderOptions<Raw> {
  readonly open: (onConnection: (connection: Raw) => void) => Knex;
  /** Whether the file of that name is still the one of the first connection. */
  readonly isSame: () => Promise<boolean>;
  /** The connections whose queries are ended where the run is interrupted. */
  readonly running: Set<Raw>;
}

/** Opens a second connection to a large file. */
export async function openSecondReader<Raw>(
  filename: string,
  { open, isSame, running }: SecondReaderOptions<Raw>,
): Promise<SecondReader | undefined> {
  const found = await stat(filename).catch(() => undefined);
  if (found === undefined || found.size < LARGE) return undefined;
  const own = new Set<Raw>();
  const executor = open((connection) => {
    own.add(connection);
    running.add(connection);
  });
  // It changes when another connection has committed (sqlite.org/pragma.html), and begins what reads one state.
  const version = async () => {
    const [row] = await executor.raw<{ data_version: number }[]>('PRAGMA data_version');
    return row?.data_version;
  };
  return {
    executor,
    async version() {
      await executor.raw('PRAGMA query_only = ON');
      return version();
    },
    async begin(before) {
      await executor.raw('BEGIN');
      let same = false;
      try {
        same = (await version()) === before && (await isSame());
        return same;
      } finally {
        if (!same) await executor.raw('ROLLBACK');
      }
    },
    async close() {
      // One that is closed can no longer be interrupted.
      for (const connection of own) running.delete(connection);
      await executor.destroy();
    },
  };
}
