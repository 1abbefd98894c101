import type { Knex } from 'knex';
import { isInteger } from '../../../registry/field-types.js';
import type { Executor } from '../../connect/executor.js';
import type { KeyColumn } from '../../dialect/sql.js';

// As Python reads a number (int()). A statement that deletes fails at a cast of what is none.
const SHORT = "'^[[:space:]]*[-+]{0,1}0*[0-9]{1,18}[[:space:]]*$'";
const LONG = "'^-{0,1}[1-9][0-9]{18,}$'";

/** Columns have collations of their own, which could not be compared with that of the connection, which casts have. */
const asText = 'CONVERT(?? USING utf8mb4) COLLATE utf8mb4_unicode_ci';

/** See `Dialect.hasKey`. */
export function mariadbHasKey(executor: Executor, { table, column, field }: KeyColumn, text: string): Knex.Raw {
  const key = `${table}.${column}`;
  if (field.type === 'UUIDField') {
    const sql = `REPLACE(${asText}, '-', '') IN (SELECT REPLACE(CAST(?? AS char), '-', '') FROM ??)`;
    return executor.raw(sql, [text, key, table]);
  }
  // A number of more digits is looked up as a text, among all.
  const all = `${asText} IN (SELECT CAST(?? AS char) FROM ??)`;
  if (!isInteger(field.type)) return executor.raw(all, [text, key, table]);
  return executor.raw(
    `(CASE WHEN ?? REGEXP ${SHORT} THEN EXISTS (SELECT 1 FROM ?? WHERE ?? = CAST(TRIM(??) AS signed)) ` +
      `WHEN ?? REGEXP ${LONG} THEN ${all} END)`,
    [text, table, key, text, text, text, key, table],
  );
}
