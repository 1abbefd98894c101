import { randomUUID } from 'node:crypto';
import type { Connection as RawConnection } from 'mysql2';
import type { LockAttempt } from '../../transactions/locks.js';
import { endConnection } from './client.js';
import { runRaw } from './connection.js';
import { isMariadbConflict, isMariadbUniqueViolation } from './errors.js';
import { leaseTable } from './lease-table.js';
import { quote, quoteText } from './sql-text.js';

/** How long a lock outlives a run that ends without giving it back. */
const LEASE_SECONDS = 30;
const RENEW_MS = 5000;
/** What a renewal may take on its way, and clocks may differ. */
const MARGIN_MS = 5000;

/** What is done with the row of a lock, in SQL. */
function leaseSql(lockName: string) {
  const owner = quoteText(randomUUID());
  const name = quoteText(lockName.slice(0, 190));
  const table = quote(leaseTable);
  const until = `UTC_TIMESTAMP(6) + INTERVAL ${LEASE_SECONDS} SECOND`;
  return {
    create: `CREATE TABLE IF NOT EXISTS ${table} (
      name varchar(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
      owner char(36) NOT NULL, until datetime(6) NOT NULL) ENGINE = InnoDB`,
    forget: `DELETE FROM ${table} WHERE name = ${name} AND until < UTC_TIMESTAMP(6)`,
    take: `INSERT INTO ${table} (name, owner, until) VALUES (${name}, ${owner}, ${until})`,
    renew: `UPDATE ${table} SET until = ${until} WHERE name = ${name} AND owner = ${owner}`,
    give: `DELETE FROM ${table} WHERE name = ${name} AND owner = ${owner}`,
  };
}

/**
 * A lock that holds on all nodes of a cluster, where the server's own hold on one: a committed row, which ends by itself when
 * nobody renews it. Two runs that write it at once on two nodes are told apart by the cluster: the first one wins.
 */
export function openLease(
  connection: RawConnection,
  open: () => Promise<RawConnection>,
  explain: (error: unknown) => unknown,
  lockName: string,
): LockAttempt {
  const sql = leaseSql(lockName);
  let current = connection;
  let timer: NodeJS.Timeout | undefined;
  let heldUntil = 0;
  const explained = (error: unknown): never => {
    throw explain(error) ?? error;
  };
  const reopen = async () => {
    current.destroy();
    current = await open();
  };
  // Where its node is gone, the next one has the row too.
  const anywhere = (work: () => Promise<unknown>) =>
    work()
      .catch(() => reopen().then(work))
      .catch(() => undefined);
  /** Runs what makes or prolongs the row; resolves with whether it is there. */
  const hold = async (statement: string) => {
    const began = performance.now();
    heldUntil = (await changedRows(current, statement)) === 1 ? began + LEASE_SECONDS * 1000 - MARGIN_MS : 0;
    return heldUntil > 0;
  };
  const renew = () => hold(sql.renew);
  const take = async (): Promise<boolean> => {
    try {
      await runRaw(current, sql.forget);
      return await hold(sql.take);
    } catch (error) {
      if (isMariadbUniqueViolation(error) || isMariadbConflict(error)) return false;
      if (!isMissing(error)) return explained(error);
      await runRaw(current, sql.create).catch(explained);
      return take();
    }
  };
  return {
    async tryAcquire() {
      if (!(await take())) return false;
      timer ??= setInterval(() => anywhere(renew), RENEW_MS).unref();
      return true;
    },
    isHeld: () => performance.now() < heldUntil,
    async regain() {
      await reopen();
      return renew().catch(explained);
    },
    async release() {
      clearInterval(timer);
      if (timer !== undefined) await anywhere(() => runRaw(current, sql.give));
      heldUntil = 0;
      await endConnection(current);
    },
  };
}

async function changedRows(connection: RawConnection, sql: string): Promise<number | undefined> {
  const result: unknown = await runRaw(connection, sql);
  return (result as { readonly affectedRows?: number }).affectedRows;
}

const isMissing = (error: unknown) => error instanceof Error && 'errno' in error && error.errno === 1146;
