import { createHash } from 'node:crypto';
import type { Connection as RawConnection } from 'mysql2';
import type { CommandError } from '../../../errors.js';
import type { LockAttempt } from '../../transactions/locks.js';
import { endConnection } from './client.js';
import { runRaw } from './connection.js';

/** A lock of the server under a name, on a connection of its own: the server gives it back when that ends. */
export async function openMariadbLock(
  open: () => Promise<RawConnection>,
  explain: (error: unknown) => CommandError | undefined,
  name: string,
): Promise<LockAttempt> {
  const explained = (error: unknown): never => {
    throw explain(error) ?? error;
  };
  // Names have 64 characters at most.
  const key = `manage-auth ${createHash('sha256').update(name).digest('hex').slice(0, 40)}`;
  const connection = await open();
  let held = false;
  const lose = () => {
    held = false;
  };
  connection.on('end', lose);
  connection.on('error', lose);
  return {
    async tryAcquire() {
      const [row] = await runRaw<{ held: number | null }>(connection, `SELECT GET_LOCK('${key}', 0) AS held`).catch(
        explained,
      );
      held = Number(row?.held) === 1;
      return held;
    },
    isHeld: () => held,
    regain: async () => false,
    release: () => endConnection(connection),
  };
}
