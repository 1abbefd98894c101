import type { Executor } from '../../connect/connection.js';
import { commitOn } from '../../dialect/commit.js';
import type { OpenTransaction, TransactionMode } from '../../transactions/transaction.js';
import { rowsOf } from './rows-of.js';

/** Begins a transaction: see `Dialect.begin`. */
export async function beginMariadb(
  executor: Executor,
  mode: TransactionMode,
  lockTimeoutMs?: number,
): Promise<OpenTransaction> {
  const restore: string[] = [];
  const set = async (name: string, value: number) => {
    const [row] = await rowsOf<{ before: number | string }>(executor, `SELECT @@SESSION.${name} AS \`before\``);
    restore.push(`${name} = ${Number(row?.before)}`);
    await executor.raw(`SET SESSION ${name} = ${value}`);
  };
  if (lockTimeoutMs !== undefined) {
    // MySQL takes no less than a second.
    const seconds = Math.max(1, Math.ceil(lockTimeoutMs / 1000));
    await set('innodb_lock_wait_timeout', seconds);
    await set('lock_wait_timeout', seconds);
  }
  if (mode === 'snapshot') {
    await executor.raw('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await executor.raw('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
  } else {
    await executor.raw('START TRANSACTION');
  }
  let ended = false;
  return {
    // A conflict with another transaction ends this one; DDL, which does too, is only run where nothing is to be kept.
    ...(mode === 'schema' ? {} : { survives }),
    async commit() {
      await commitOn(executor);
      ended = true;
    },
    async end() {
      if (!ended) await executor.raw('ROLLBACK');
      // Work that failed may have left the checks off.
      if (mode !== 'snapshot') restore.push('foreign_key_checks = 1');
      if (restore.length > 0) await executor.raw(`SET SESSION ${restore.join(', ')}`);
    },
  };
}

/** The server ends a transaction by itself for the sake of another one. */
async function survives(run: (sql: string) => Promise<unknown>, error: unknown): Promise<boolean> {
  try {
    const answer = await run('SELECT @@in_transaction AS open');
    const [rows] = (answer as { response?: [{ open: number | string }[]] }).response ?? [];
    return Number(rows?.[0]?.open) === 1;
  } catch {
    // MySQL does not say it, but for this error ends the transaction.
    return !(error instanceof Error && 'errno' in error && error.errno === 1213);
  }
}
