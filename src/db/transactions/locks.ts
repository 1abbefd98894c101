import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError, OperationCancelled } from '../../errors.js';
import type { Connection } from '../connect/connection.js';
import { isBound } from './transaction.js';

export type { LockAttempt } from '../dialect/transactions.js';

const POLL_MS = 150;

const lockLost = (name: string) =>
  new CommandError(`The lock that keeps other runs of ${name} away was lost, so this run stopped.`, {
    code: 'lock_lost',
    hint: 'What was done so far is complete. Run the command again.',
  });

/**
 * Runs `work` while this run alone holds the lock `name` on that database, so that two runs do not meet. Resolves with
 * `undefined` without having run it where another run holds the lock and `wait` is false. `onWait` is called once, when
 * the lock is not free at once. `work` gets a function that makes sure that the lock was not lost meanwhile, to be called
 * before each step that must not meet another run; and one that also takes it again where the server was lost that it was held at,
 * for steps that rely on nothing which earlier ones have read. A lock is not to be taken again inside of `work`: it would wait for
 * itself. Inside of a
 * transaction no lock is taken: other runs would find it free before the transaction is committed, and who waits for it there
 * keeps others waiting for what the transaction has locked.
 *
 * @throws OperationCancelled when `signal` is aborted while it waits.
 */
export async function withLock<T>(
  connection: Pick<Connection, 'db' | 'dialect'>,
  name: string,
  { wait, signal, onWait }: { readonly wait: boolean; readonly signal?: AbortSignal; readonly onWait?: () => void },
  work: (assertHeld: () => void, regain: () => Promise<void>) => Promise<T>,
): Promise<T | undefined> {
  if (isBound(connection))
    return work(
      () => undefined,
      async () => undefined,
    );
  const attempt = await connection.dialect.openLock(name);
  try {
    if (!(await attempt.tryAcquire())) {
      if (!wait) return undefined;
      onWait?.();
      do {
        if (signal?.aborted) throw new OperationCancelled();
        // Aborting ends the sleep by rejecting; the check above then says so in this program's words.
        await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
      } while (!(await attempt.tryAcquire()));
    }
    return await work(
      () => {
        if (!attempt.isHeld()) throw lockLost(name);
      },
      async () => {
        if (!attempt.isHeld() && !(await attempt.regain())) throw lockLost(name);
      },
    );
  } finally {
    await attempt.release();
  }
}
