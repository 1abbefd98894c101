import type { Executor } from '../connect/connection.js';
import type { ValueDialect } from '../dialect/values.js';
import type { KeyColumn } from '../dialect/writing.js';

/** See `WritingDialect.insertRow`, for engines that have INSERT … RETURNING. */
export async function insertReturning(
  dialect: Pick<ValueDialect, 'selectColumn'>,
  executor: Executor,
  table: string,
  row: Record<string, unknown>,
  { column, field }: KeyColumn,
): Promise<unknown> {
  const [inserted]: Record<string, unknown>[] = await executor(table)
    .insert(row)
    .returning(dialect.selectColumn(executor, field, column));
  return inserted?.[column];
}
