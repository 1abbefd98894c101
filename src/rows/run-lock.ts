import type { Connection } from '../db/connect/connection.js';
import { withLock } from '../db/transactions/locks.js';
import { CommandError, OperationCancelled } from '../errors.js';

export interface AloneOptions {
  readonly signal?: AbortSignal;
  /** How long to wait for other runs; by default until they are done. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Does work that fills or empties many tables while no other run does such work on this database: two of them would wait
 * for each other's tables until the server ends one.
 *
 * @throws CommandError where other runs take longer than `timeoutMs`.
 */
export async function alone<T>(
  connection: Pick<Connection, 'db' | 'dialect' | 'alias' | 'target'>,
  { signal, timeoutMs }: AloneOptions,
  work: () => Promise<T>,
): Promise<T> {
  const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const signals = [signal, timeout].filter((each) => each !== undefined);
  const options = { wait: true, signal: AbortSignal.any(signals) };
  try {
    const done = await withLock(connection, 'data', options, async () => ({ value: await work() }));
    if (done === undefined) throw new Error('A run that waits for its lock gets it.');
    return done.value;
  } catch (error) {
    if (!(error instanceof OperationCancelled) || signal?.aborted || !timeout?.aborted) throw error;
    throw new CommandError(`Another run fills or empties tables of '${connection.alias}' (${connection.target}).`, {
      code: 'database_locked',
      hint: 'Try again when it has finished.',
      cause: error,
    });
  }
}
