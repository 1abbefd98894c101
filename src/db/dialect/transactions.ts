import type { Executor } from '../connect/connection.js';
import type { LockAttempt } from '../transactions/locks.js';
import type { OpenTransaction, TransactionMode } from '../transactions/transaction.js';

/** How transactions begin and end, and how runs keep each other away. */
export interface TransactionDialect {
  /** Begins a transaction on the one connection behind `executor`: only for transaction.ts. */
  begin(executor: Executor, mode: TransactionMode, lockTimeoutMs?: number): Promise<OpenTransaction>;
  /**
   * Makes what checks references without a commit, inside of the transaction of `executor`: it throws what a commit would
   * throw for those that were broken since.
   */
  watchReferences(executor: Executor): Promise<() => Promise<void>>;
  /**
   * Runs `work` inside of the transaction of `executor` so that references are checked at its end at the earliest, where the
   * engine would check each at once.
   */
  deferReferences<T>(executor: Executor, work: () => Promise<T>): Promise<T>;
  /** Makes ready to take the lock `name` on this database: only for locks.ts. */
  openLock(name: string): Promise<LockAttempt>;
}
