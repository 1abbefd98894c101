import { withConnection } from './client.js';
import type { Connection, Executor } from './connection.js';

/**
 * `write` (default) takes the write lock at once where the engine has one; `snapshot` reads one state throughout, and
 * nothing can be written; `schema` is a `write` in which tables may be made anew: where the engine would follow the
 * references to a table that is dropped, they are not enforced, but compared with what they were before the commit.
 */
export type TransactionMode = 'write' | 'snapshot' | 'schema';

export interface TransactionOptions {
  readonly mode?: TransactionMode;
  /** How long to wait for locks of other programs; by default as long as the engine does. */
  readonly lockTimeoutMs?: number;
}

/** A transaction that a dialect has begun. */
export interface OpenTransaction {
  /** Checks deferred constraints, then commits. */
  commit(): Promise<void>;
  /** Gives the connection back as it was: after `commit`, whatever came of that, and after any failure. */
  end(): Promise<void>;
}

/**
 * Runs `work` in a transaction of its own and commits it. Deferred constraints are checked before the commit; after any
 * failure, that of COMMIT itself included, everything is rolled back and the connection is free again. Inside of `work`
 * only its executor can be used: a query on the connection's own `db` is an error.
 */
export async function transaction<T>(
  { db, dialect }: Pick<Connection, 'db' | 'dialect'>,
  work: (executor: Executor) => Promise<T>,
  { mode = 'write', lockTimeoutMs }: TransactionOptions = {},
): Promise<T> {
  return withConnection(db, async ({ executor, discard, exclusively }) => {
    const open = await dialect.begin(executor, mode, lockTimeoutMs).catch((error: unknown) => {
      discard();
      throw error;
    });
    try {
      const result = await exclusively(() => work(executor));
      await open.commit();
      return result;
    } finally {
      await open.end().catch(discard);
    }
  });
}
