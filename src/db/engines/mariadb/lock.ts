import { createHash } from 'node:crypto';
import type { CommandError } from '../../../errors.js';
import type { LockAttempt } from '../../transactions/locks.js';
import { endConnection } from './client.js';
import { runRaw } from './connection.js';
import type { Reached } from './first-server.js';
import { openLease } from './lease.js';

/**
 * A lock on a connection of its own: of the server under a name, which the server gives back when that ends; on a node of a
 * cluster a row that all nodes have.
 */
export async function openMariadbLock(
  open: () => Promise<Reached>,
  database: string,
  explain: (error: unknown) => CommandError | undefined,
  name: string,
): Promise<LockAttempt> {
  const explained = (error: unknown): never => {
    throw explain(error) ?? error;
  };
  const { connection, isNode } = await open();
  if (isNode) return openLease(connection, async () => (await open()).connection, explain, name);
  // Names have 64 characters at most.
  const key = `manage-auth ${createHash('sha256').update(`${database} ${name}`).digest('hex').slice(0, 40)}`;
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
