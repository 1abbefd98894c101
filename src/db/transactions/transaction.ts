import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '../../errors.js';
import { scopeOf, withConnection } from '../connect/client.js';
import type { Connection } from '../connect/connection.js';
import type { Scope, TransactionMode } from '../connect/scope.js';
import type { Transactable } from '../dialect/transactions.js';

export type { TransactionMode } from '../connect/scope.js';
export type { OpenTransaction, Transactable } from '../dialect/transactions.js';

export interface TransactionOptions {
  readonly mode?: TransactionMode;
  /** How long to wait for locks of other programs; by default as long as the engine does. A savepoint waits as its transaction does. */
  readonly lockTimeoutMs?: number;
  /** Whether the work may be done again from its beginning where the engine has ended the transaction for the sake of another one. */
  readonly repeatable?: boolean;
  /** One of many that the work is done in: it stays where the run is interrupted, and is not all of the work. */
  readonly partial?: boolean;
}

/**
 * Runs `work` in a transaction of its own and commits it. `work` gets the connection bound to the transaction, which every
 * function that takes a connection takes as well, so that several of them are one commit. Deferred constraints are checked
 * before the commit; after any failure, that of COMMIT itself included, everything is rolled back and the connection is free
 * again; so it is where the run of the connection is interrupted before the COMMIT is sent. Inside of `work` only the bound
 * connection can be used: a query on the other one is an error. So is every statement after one that made the engine end the
 * transaction.
 *
 * On a bound connection it is a savepoint: what fails takes back its own work alone, and where the error is caught the
 * transaction around it goes on. Nothing is committed and no deferred constraint is checked before the outermost one ends. Of
 * those that are started at once on one connection, one waits for the other.
 *
 * @throws OperationCancelled where the run was interrupted; CommandError of code `transaction_mode` where the transaction
 * around it cannot do what `mode` asks for.
 */
export async function transaction<C extends Transactable, T>(
  connection: C,
  work: (bound: C) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const outer = scopeOf(connection.db);
  if (outer !== undefined) return nest(connection, outer, options.mode ?? 'write', work);
  const run = () => once(connection, work, options);
  return options.repeatable ? again(connection, run, (error) => isPassing(connection, error, options)) : run();
}

/** Does `work`, and again from its beginning where it fails with what passes. */
async function again<T>(
  connection: Pick<Transactable, 'run'>,
  work: () => Promise<T>,
  passes: (error: unknown) => boolean,
): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!passes(error) || performance.now() >= deadline || connection.run?.signal.aborted) throw error;
      // The other one is done sooner or later; two that wait for equal times would meet again.
      await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 25 * 2 ** attempt));
    }
  }
}

/** Who says how long to wait for locks has waited then. */
function isPassing({ dialect }: Transactable, error: unknown, { lockTimeoutMs }: TransactionOptions): boolean {
  return dialect.isConflict(error) || (lockTimeoutMs === undefined && dialect.isLockTimeout?.(error) === true);
}

/**
 * A {@link transaction} whose work is done again from its beginning where the engine has ended it for the sake of another one:
 * the work must do nothing but what is rolled back with it.
 */
export function repeatableTransaction<C extends Transactable, T>(
  connection: C,
  work: (bound: C) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  return transaction(connection, work, { ...options, repeatable: true });
}

/**
 * Runs one statement that is a transaction by itself, and again where the engine has given way to another transaction: a node
 * of a cluster has, when another one was first. Within a transaction, which is lost then, it is run once.
 */
export function repeatableStatement<T>(connection: Transactable, statement: () => Promise<T>): Promise<T> {
  if (isBound(connection)) return statement();
  return again(connection, statement, (error) => connection.dialect.isConflict(error));
}

/** How long a transaction is begun again that loses against others. */
const PATIENCE_MS = 60_000;
const LONGEST_PAUSE_MS = 1000;

async function once<C extends Transactable, T>(
  connection: C,
  work: (bound: C) => Promise<T>,
  { mode = 'write', lockTimeoutMs, partial = false }: TransactionOptions,
): Promise<T> {
  const { db, dialect, run } = connection;
  return withConnection(db, async ({ executor, discard, scope: scopeFor, watch }) => {
    const open = await dialect.begin(executor, mode, lockTimeoutMs).catch((error: unknown) => {
      discard();
      throw error;
    });
    watch(open.survives);
    const scope = scopeFor(mode);
    try {
      const result = await inScope(scope, connection, work);
      const whole = mode === 'snapshot' || partial ? undefined : run;
      whole?.signal.throwIfAborted();
      whole?.onCommit?.('sent');
      await open.commit().catch((error: unknown) => {
        whole?.onCommit?.('failed');
        throw error;
      });
      whole?.onCommit?.('done');
      return result;
    } catch (error) {
      // What the session still has of it, such as temporary tables, would be in the way of what comes next.
      if (dialect.isConflict(error)) discard();
      throw error;
    } finally {
      watch(undefined);
      await open.end().catch(discard);
    }
  });
}

/** Whether the connection is bound to a transaction, so that what is done with it is a part of that. */
export function isBound({ db }: Pick<Connection, 'db'>): boolean {
  return scopeOf(db) !== undefined;
}

/**
 * @throws CommandError of code `inside_transaction` where the connection is bound to a transaction. `what` is the subject of
 * a sentence: `Migrations`.
 */
export function assertUnbound(connection: Pick<Connection, 'db'>, what: string): void {
  if (!isBound(connection)) return;
  throw new CommandError(`${what} cannot be a part of another transaction.`, {
    code: 'inside_transaction',
    hint: 'Call it with the connection itself, outside of the transaction.',
  });
}

async function inScope<C extends Transactable, T>(
  scope: Scope,
  connection: C,
  work: (bound: C) => Promise<T>,
): Promise<T> {
  try {
    return await scope.run(() => work({ ...connection, db: scope.executor }));
  } finally {
    scope.open = false;
  }
}

/** What a mode may do, from reading to making tables anew. */
const strength: Readonly<Record<TransactionMode, number>> = { snapshot: 0, write: 1, schema: 2 };

function nest<C extends Transactable, T>(
  connection: C,
  outer: Scope,
  mode: TransactionMode,
  work: (bound: C) => Promise<T>,
): Promise<T> {
  if (strength[mode] > strength[outer.mode]) throw strongerError(mode, outer.mode);
  const result = outer.free.then(() => inSavepoint(connection, outer, work));
  outer.free = result.catch(() => undefined);
  return result;
}

async function inSavepoint<C extends Transactable, T>(
  connection: C,
  outer: Scope,
  work: (bound: C) => Promise<T>,
): Promise<T> {
  const { executor } = outer;
  const savepoint = `manage_${depthOf(outer)}`;
  await executor.raw('SAVEPOINT ??', [savepoint]);
  try {
    const result = await inScope(outer.nest(), connection, work);
    await executor.raw('RELEASE SAVEPOINT ??', [savepoint]);
    return result;
  } catch (error) {
    // Where the engine has ended the transaction there is nothing to go back to, and every further statement says so.
    await executor.raw('ROLLBACK TO SAVEPOINT ??', [savepoint]).catch(() => undefined);
    await executor.raw('RELEASE SAVEPOINT ??', [savepoint]).catch(() => undefined);
    throw error;
  }
}

function depthOf({ parent }: Scope): number {
  return parent === undefined ? 1 : depthOf(parent) + 1;
}

const deeds: Readonly<Record<TransactionMode, string>> = {
  snapshot: 'only reads',
  write: 'cannot change tables',
  schema: 'can do everything',
};

function strongerError(mode: TransactionMode, outer: TransactionMode): CommandError {
  return new CommandError(
    `A transaction of mode '${mode}' cannot be a part of one of mode '${outer}', which ${deeds[outer]}.`,
    { code: 'transaction_mode', hint: `Begin the outermost transaction with the mode '${mode}'.` },
  );
}
