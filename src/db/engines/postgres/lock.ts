import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { CommandError } from '../../../errors.js';
import type { LockAttempt } from '../../transactions/locks.js';

/** Servers may end transactions that are idle or old; this one is both while the work lasts. */
const NO_TIMEOUTS = `SELECT set_config(name, '0', true) FROM pg_catalog.pg_settings
  WHERE name IN ('idle_in_transaction_session_timeout', 'statement_timeout', 'transaction_timeout')`;

/**
 * An advisory lock of an idle transaction on a connection of its own. The server gives it back when the connection ends,
 * and behind a pooler it stays with the server's connection that the transaction has.
 */
export async function openPostgresLock(
  open: () => Promise<pg.Client>,
  explain: (error: unknown) => CommandError | undefined,
  name: string,
): Promise<LockAttempt> {
  const explained = (error: unknown): never => {
    throw explain(error) ?? error;
  };
  const key = createHash('sha256').update(`manage-auth ${name}`).digest().readBigInt64BE();
  const connection = await open().catch(explained);
  const end = () => connection.end().catch(() => undefined);
  let held = false;
  connection.on('end', () => {
    held = false;
  });
  try {
    await connection.query('BEGIN');
    await connection.query(NO_TIMEOUTS);
  } catch (error) {
    await end();
    throw explained(error);
  }
  return {
    async tryAcquire() {
      const { rows } = await connection
        .query<{ held: boolean }>('SELECT pg_try_advisory_xact_lock($1::bigint) AS held', [String(key)])
        .catch(explained);
      held = rows[0]?.held ?? false;
      return held;
    },
    isHeld: () => held,
    release: end,
  };
}
