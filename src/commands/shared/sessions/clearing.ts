import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import type { parseBatchSize } from '../../../db/write/batches.js';
import { type ClearResult, clearExpiredSessions, countExpiredSessions } from '../../../sessions/admin/clear.js';
import { batchSize, locksOf, lockTimeout, maxSeconds } from '../options.js';

/** How gently expired sessions are removed, and for how long. */
export const clearingOptions = {
  ...batchSize,
  pause: {
    type: 'integer',
    min: 0,
    max: 60_000,
    placeholder: 'MS',
    describe: 'Pause between batches, in milliseconds; by default long enough for others to write.',
  },
  maxRows: { type: 'integer', min: 1, placeholder: 'N', describe: 'Stop after this many sessions.' },
  ...maxSeconds,
  ...lockTimeout,
} as const;

interface ClearingArguments {
  readonly size: ReturnType<typeof parseBatchSize>;
  readonly pause: number | undefined;
  readonly maxRows: number | undefined;
  readonly maxSeconds: number | undefined;
  readonly lockTimeout: number | undefined;
  readonly now: Date;
}

/** Removes sessions that have expired by `now`, with their number on a terminal; undefined where another run does so. */
export async function clearVisibly(
  { terminal, signal }: Context,
  connection: Connection,
  { size, pause, maxRows, maxSeconds: most, lockTimeout: seconds, now }: ClearingArguments,
): Promise<ClearResult | undefined> {
  const progress = terminal.progress('Removing expired sessions');
  const total = progress.shown ? await countExpiredSessions(connection, now, locksOf(seconds)) : undefined;
  return clearExpiredSessions(connection, {
    now,
    size,
    maxRows,
    maxSeconds: most,
    ...locksOf(seconds),
    signal,
    onProgress: (deleted) => progress.update(deleted, total),
    ...(pause === undefined ? {} : { pauseMs: pause }),
  }).finally(() => progress.stop());
}
