import type { Connection, Executor } from './connection.js';

export interface TransactionOptions {
  /** `write` (default) takes the write lock at once where the engine has one; `snapshot` reads one state throughout. */
  readonly mode?: 'write' | 'snapshot';
}

/**
 * Runs `work` in a transaction of its own and commits it. Deferred constraints are checked before the commit; after any
 * failure, that of COMMIT itself included, everything is rolled back and the connection is free again.
 */
export declare function transaction<T>(
  connection: Pick<Connection, 'db' | 'dialect'>,
  work: (executor: Executor) => Promise<T>,
  options?: TransactionOptions,
): Promise<T>;
