import { createHash } from 'node:crypto';
import type { Knex, knex } from 'knex';
import type { LockAttempt } from '../locks.js';

/**
 * An advisory lock of an idle transaction on a connection of its own. The server gives it back when the connection ends,
 * and behind a pooler it stays with the server's connection that the transaction has.
 */
export async function openPostgresLock(db: Knex, name: string): Promise<LockAttempt> {
  const client: InstanceType<typeof knex.Client> = db.client;
  const key = createHash('sha256').update(`manage-auth ${name}`).digest().readBigInt64BE();
  const connection = await client.acquireRawConnection();
  const run = (sql: string, bindings: unknown[] = []) => client.query(connection, { sql, bindings });
  await run('BEGIN');
  // Servers may end transactions that are idle for long; this one is idle while the work lasts.
  await run(
    "SELECT set_config(name, '0', true) FROM pg_catalog.pg_settings WHERE name IN ('idle_in_transaction_session_timeout', 'statement_timeout', 'transaction_timeout')",
  );
  return {
    async tryAcquire() {
      const { response } = await run('SELECT pg_try_advisory_xact_lock(?::bigint) AS held', [`${key}`]);
      return response.rows[0].held;
    },
    async release() {
      await client.destroyRawConnection(connection);
    },
  };
}
