import type { Knex } from 'knex';
import type { Survives } from '../connect/client.js';
import type { Executor, InterruptibleRun } from '../connect/executor.js';
import type { TransactionMode } from '../connect/scope.js';
import type { ErrorDialect } from './errors.js';

/** A transaction that a dialect has begun. */
export interface OpenTransaction {
  /** Where the engine may end a transaction by itself: whether it is still open after a failure. */
  readonly survives?: Survives;
  /** Checks deferred constraints, then commits. */
  commit(): Promise<void>;
  /** Gives the connection back as it was: after `commit`, whatever came of that, and after any failure. */
  end(): Promise<void>;
}

/** A lock that may be had. The process that holds it loses it when it dies, however it dies. */
export interface LockAttempt {
  /** Resolves with whether the lock is held now. */
  tryAcquire(): Promise<boolean>;
  /** Whether it is still held, as far as this side can tell. */
  isHeld(): boolean;
  /**
   * Takes it again after it was lost with its server. Resolves with false where the server is the same as before, so that
   * another run may have had it meanwhile, or where another run has it now.
   */
  regain(): Promise<boolean>;
  /** Gives it back, or gives up. */
  release(): Promise<void>;
}

/** What a transaction can be begun on, or a savepoint be made in. */
export interface Transactable {
  readonly db: Executor;
  readonly dialect: Pick<TransactionDialect, 'begin'> & Pick<ErrorDialect, 'isConflict' | 'isLockTimeout'>;
  readonly run?: InterruptibleRun;
}

/** How transactions begin and end, and how runs keep each other away. */
export interface TransactionDialect {
  /**
   * Makes sure that the server takes changes at all.
   *
   * @throws CommandError of code `database_read_only` where it follows another one, or is set to be only read.
   */
  assertWritable(executor: Executor): Promise<void>;
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
  /**
   * Deletes the rows of each query, which may refer to each other: with one statement, where the engine looks at references at
   * its end whatever they allow.
   */
  deleteTogether(executor: Executor, queries: readonly Knex.QueryBuilder[]): Promise<void>;
  /** Makes ready to take the lock `name` on this database: only for locks.ts. */
  openLock(name: string): Promise<LockAttempt>;
}
