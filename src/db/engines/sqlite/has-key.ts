import type { Knex } from 'knex';
import type { Executor } from '../../connect/executor.js';
import type { KeyColumn } from '../../dialect/sql.js';

/** See `Dialect.hasKey`: a number is compared with a text as the number that it says, which may be written in several ways. */
export function sqliteHasKey(executor: Executor, { table, column, field }: KeyColumn, text: string): Knex.Raw {
  const key = `${table}.${column}`;
  if (field.type === 'UUIDField') {
    return executor.raw("EXISTS (SELECT 1 FROM ?? WHERE ?? = LOWER(REPLACE(??, '-', '')))", [table, key, text]);
  }
  const sql = 'EXISTS (SELECT 1 FROM ?? WHERE ?? = ?? AND CAST(?? AS text) = ??)';
  return executor.raw(sql, [table, key, text, key, text]);
}
