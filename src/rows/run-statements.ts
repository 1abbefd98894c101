import type { Connection, Executor } from '../db/connect/connection.js';
import { sqlAsIs } from '../db/dialect/sql-as-is.js';
import { transaction } from '../db/transactions/transaction.js';

/** Runs SQL as it is. */
export async function runSql(executor: Executor, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await executor.raw(sqlAsIs(statement));
}

/** Runs statements in one transaction. */
export async function runStatements(connection: Connection, statements: readonly string[]): Promise<void> {
  await transaction(connection, ({ db }) => runSql(db, statements));
}
