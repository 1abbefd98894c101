import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '../../errors.js';
import type { InterruptibleRun } from '../connect/executor.js';
import { isBound, type Transactable } from './transaction.js';

/** How long a server may be away: one that takes the place of another needs some ten seconds. */
const PATIENCE_MS = 60_000;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 3000;

/** Codes of errors by which an outage begins. */
const begins: ReadonlySet<string> = new Set(['connection_lost', 'database_unreachable', 'unsuitable_server']);
/** And of those that come while it lasts: a standby answers that is not yet the primary server. */
const lasts: ReadonlySet<string> = new Set([...begins, 'database_read_only']);

interface Outlasting extends Pick<Transactable, 'db'> {
  readonly run?: InterruptibleRun;
}

/**
 * Runs `work`, and again from its beginning where the connection is lost meanwhile: until the server answers again, or
 * another one that the database URL names, but no longer than a minute. `work` must come to the same when it is done twice,
 * since it may have been committed when the connection was lost. Inside of a transaction, which is gone then, it is run once.
 *
 * @throws what `work` throws.
 */
export async function outlast<T>(
  connection: Outlasting,
  work: () => Promise<T>,
  { signal = connection.run?.signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<T> {
  if (isBound(connection)) return work();
  const { onOutage } = connection.run ?? {};
  let deadline: number | undefined;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 1.5)) {
    try {
      const result = await work();
      if (deadline !== undefined) onOutage?.('The database answers again: going on.');
      return result;
    } catch (error) {
      if (!(error instanceof CommandError) || !(deadline === undefined ? begins : lasts).has(error.code)) throw error;
      const now = performance.now();
      if (deadline === undefined) {
        deadline = now + PATIENCE_MS;
        onOutage?.(`${error.message} Trying again for ${PATIENCE_MS / 1000} seconds.`);
      }
      if (signal?.aborted || now >= deadline) throw error;
      await sleep(waitMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
      if (signal?.aborted) throw error;
    }
  }
}
