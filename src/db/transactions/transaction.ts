import { type Survives, withConnection } from '../connect/client.js';
import type { Connection, Executor } from '../connect/connection.js';

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
  /** One of many that the work is done in: it stays where the run is interrupted, and is not all of the work. */
  readonly partial?: boolean;
}

/** A transaction that a dialect has begun. */
export interface OpenTransaction {
  /** Where the engine may end a transaction by itself: whether it is still open after a failure. */
  readonly survives?: Survives;
  /** Checks deferred constraints, then commits. */
  commit(): Promise<void>;
  /** Gives the connection back as it was: after `commit`, whatever came of that, and after any failure. */
  end(): Promise<void>;
}

/**
 * Runs `work` in a transaction of its own and commits it. Deferred constraints are checked before the commit; after any
 * failure, that of COMMIT itself included, everything is rolled back and the connection is free again; so it is where the
 * run of the connection is interrupted before the COMMIT is sent. Inside of `work` only its executor can be used: a query
 * on the connection's own `db` is an error. So is every statement after one that made the engine end the transaction.
 *
 * @throws OperationCancelled where the run was interrupted.
 */
export async function transaction<T>(
  { db, dialect, run }: Pick<Connection, 'db' | 'dialect' | 'run'>,
  work: (executor: Executor) => Promise<T>,
  { mode = 'write', lockTimeoutMs, partial = false }: TransactionOptions = {},
): Promise<T> {
  return withConnection(db, async ({ executor, discard, exclusively, watch }) => {
    const open = await dialect.begin(executor, mode, lockTimeoutMs).catch((error: unknown) => {
      discard();
      throw error;
    });
    watch(open.survives);
    try {
      const result = await exclusively(() => work(executor));
      const whole = mode === 'snapshot' || partial ? undefined : run;
      whole?.signal.throwIfAborted();
      whole?.onCommit?.('sent');
      await open.commit().catch((error: unknown) => {
        whole?.onCommit?.('failed');
        throw error;
      });
      whole?.onCommit?.('done');
      return result;
    } finally {
      watch(undefined);
      await open.end().catch(discard);
    }
  });
}
