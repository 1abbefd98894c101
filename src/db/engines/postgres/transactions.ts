import type { Knex } from 'knex';
import { CommandError } from '../../../errors.js';
import type { OpenTransaction, TransactionMode } from '../../transactions/transaction.js';

/** Begins a transaction: see `Dialect.begin`. `setup` is what each one starts with, such as its search path. */
export async function beginPostgres(
  executor: Knex,
  mode: TransactionMode,
  setup: string | undefined,
  lockTimeoutMs?: number,
): Promise<OpenTransaction> {
  const begin = mode === 'snapshot' ? 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY' : 'BEGIN';
  const statements = [begin];
  if (setup !== undefined) statements.push(setup);
  if (lockTimeoutMs !== undefined) statements.push(`SET LOCAL lock_timeout = ${Math.round(lockTimeoutMs)}`);
  // The snapshot is taken by the first query.
  if (mode === 'snapshot') statements.push('SELECT 1');
  await executor.raw(statements.join('; '));
  let ended = false;
  return {
    async commit() {
      // COMMIT would be a ROLLBACK without an error where a statement has failed before; this fails then.
      await executor.raw('SET CONSTRAINTS ALL IMMEDIATE');
      try {
        await executor.raw('COMMIT');
      } catch (error) {
        throw error instanceof CommandError && error.code === 'connection_lost' ? unknownOutcome(error) : error;
      }
      ended = true;
    },
    async end() {
      if (!ended) await executor.raw('ROLLBACK');
    },
  };
}

function unknownOutcome({ message, cause }: CommandError): CommandError {
  return new CommandError(`${message.replace(/\.$/, '')} while the changes were being committed.`, {
    code: 'connection_lost',
    hint: 'Look whether they are in the database before you try again.',
    cause,
  });
}
