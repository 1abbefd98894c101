import type { Knex } from 'knex';
import { commitOn } from '../../dialect/commit.js';
import type { OpenTransaction, TransactionMode } from '../../transactions/transaction.js';

/**
 * What decides how the server writes values as text. Those of types that this program does not know, or that are made of
 * others, are read and written in the server's own text, and a session may have been told anything.
 */
const TEXT_FORMS = [
  "TimeZone TO 'UTC'",
  'DateStyle TO ISO',
  'IntervalStyle TO iso_8601',
  'extra_float_digits TO 3',
  'bytea_output TO hex',
  'xmloption TO content',
].map((setting) => `SET LOCAL ${setting}`);

/** Begins a transaction: see `Dialect.begin`. `setup` is what each one starts with, such as its search path. */
export async function beginPostgres(
  executor: Knex,
  mode: TransactionMode,
  setup: string | undefined,
  lockTimeoutMs?: number,
): Promise<OpenTransaction> {
  // Where a database's own default is stricter, a batch would fail at every row that somebody else has changed meanwhile.
  const level = mode === 'snapshot' ? 'REPEATABLE READ, READ ONLY' : 'READ COMMITTED';
  const begin = `BEGIN ISOLATION LEVEL ${level}`;
  const statements = [begin, ...TEXT_FORMS];
  if (setup !== undefined) statements.push(setup.replaceAll('?', '\\?'));
  if (lockTimeoutMs !== undefined) statements.push(`SET LOCAL lock_timeout = ${Math.round(lockTimeoutMs)}`);
  // The snapshot is taken by the first query.
  if (mode === 'snapshot') statements.push('SELECT 1');
  await executor.raw(statements.join('; '));
  let ended = false;
  return {
    async commit() {
      // COMMIT would be a ROLLBACK without an error where a statement has failed before; this fails then.
      await executor.raw('SET CONSTRAINTS ALL IMMEDIATE');
      await commitOn(executor);
      ended = true;
    },
    async end() {
      if (!ended) await executor.raw('ROLLBACK');
    },
  };
}
