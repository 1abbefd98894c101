import type { Executor } from '../../connect/connection.js';
import { quote, quoteText } from '../../dialect/sql-text.js';
import type { EmptiedTable } from '../../write/truncate.js';

/** Django 5.2 db/backends/sqlite3/operations.py, `sql_flush` and `sequence_reset_by_name_sql`. */
export async function emptySql(executor: Executor, tables: readonly EmptiedTable[]): Promise<string[]> {
  const deletes = tables.map(
    ({ table, where }) => `DELETE FROM ${quote(table)}${where === undefined ? '' : ` WHERE ${where}`};`,
  );
  // The table is only there once a table with AUTOINCREMENT has been made.
  const [counters] = await executor.raw<unknown[]>("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'");
  const whole = tables.filter(({ where }) => where === undefined).map(({ table }) => quoteText(table));
  if (counters === undefined || whole.length === 0) return deletes;
  return [...deletes, `UPDATE "sqlite_sequence" SET "seq" = 0 WHERE "name" IN (${whole.join(', ')});`];
}
