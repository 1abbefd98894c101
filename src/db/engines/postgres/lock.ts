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
  let held = false;
  let server: string | undefined;
  const begin = async () => {
    const opened = await open().catch(explained);
    opened.on('end', () => {
      held = false;
    });
    try {
      await opened.query('BEGIN');
      await opened.query(NO_TIMEOUTS);
      return opened;
    } catch (error) {
      await end(opened);
      return explained(error);
    }
  };
  let connection = await begin();
  const lock = async () => {
    const { rows } = await connection.query<{ held: boolean; server: string }>(LOCK, [String(key)]).catch(explained);
    return { held: rows[0]?.held ?? false, server: rows[0]?.server };
  };
  return {
    async tryAcquire() {
      ({ held, server } = await lock());
      return held;
    },
    isHeld: () => held,
    async regain() {
      await end(connection);
      connection = await begin();
      const before = server;
      const now = await lock();
      server = now.server;
      held = now.held && now.server !== before;
      return held;
    },
    release: () => end(connection),
  };
}

/** With what tells a server from the same one before it was started anew, and from another one. */
const LOCK =
  'SELECT pg_catalog.pg_try_advisory_xact_lock($1::bigint) AS held, pg_catalog.pg_postmaster_start_time()::text AS server';

const end = (connection: pg.Client) => connection.end().catch(() => undefined);
