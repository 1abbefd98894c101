import type { Knex } from 'knex';
import type { Executor } from '../connect/connection.js';
import type { SqlText } from '../dialect/sql.js';

type Literal = string | number | bigint | boolean;

/** The condition of all rows. */
export const everyRow = '1 = 1';

/** The condition that a column has one of these values, of which there is one at least. */
export function isAmong(sql: SqlText, column: string, values: readonly Literal[]): string {
  return `${sql.quoteName(column)} IN (${values.map(sql.quoteLiteral).join(', ')})`;
}

export function isNotAmong(sql: SqlText, column: string, values: readonly Literal[]): string {
  return `${sql.quoteName(column)} NOT IN (${values.map(sql.quoteLiteral).join(', ')})`;
}

/** Rows of a table that another one refers to. */
export interface ReferredRows {
  readonly table: string;
  /** The column that is referred to. */
  readonly column: string;
  readonly where: string;
}

/** The condition that columns, together, refer to one of these rows by as many columns of theirs. */
export function referTogether(
  sql: SqlText,
  columns: readonly string[],
  { table, columns: targets, where }: Omit<ReferredRows, 'column'> & { readonly columns: readonly string[] },
): string {
  const [only, ...more] = columns;
  const [target = ''] = targets;
  if (only !== undefined && more.length === 0) return refersTo(sql, only, { table, column: target, where });
  const list = (names: readonly string[]) => names.map((name) => sql.quoteName(name)).join(', ');
  return `(${list(columns)}) IN (SELECT ${list(targets)} FROM ${sql.quoteName(table)} WHERE ${where})`;
}

/** The condition that these columns, together, have the values of a row of a table that has columns of the same names. */
export function isRowOf(sql: SqlText, columns: readonly string[], table: string): string {
  const list = columns.map((name) => sql.quoteName(name)).join(', ');
  return `(${list}) IN (SELECT ${list} FROM ${sql.quoteName(table)})`;
}

/** The condition that a column refers to one of these rows. */
export function refersTo(sql: SqlText, column: string, rows: ReferredRows): string {
  if (rows.where === everyRow) return `${sql.quoteName(column)} IS NOT NULL`;
  return isAmongRows(sql, column, rows);
}

/** The condition that a column has what another one has in these rows. */
export const isAmongRows = (sql: SqlText, column: string, rows: ReferredRows): string =>
  `${sql.quoteName(column)} IN (${selectText(sql, rows)})`;

export function refersToNone(sql: SqlText, column: string, rows: ReferredRows): string {
  return `${sql.quoteName(column)} NOT IN (${selectText(sql, rows)})`;
}

const selectText = (sql: SqlText, { table, column, where }: ReferredRows) =>
  `SELECT ${sql.quoteName(column)} FROM ${sql.quoteName(table)} WHERE ${where}`;

/** The condition of the rows that do not have all of these values; undefined for none. */
export function isNot(
  sql: SqlText,
  values: readonly (readonly [column: string, value: Literal])[],
): string | undefined {
  const equal = values.map(([column, value]) => `${sql.quoteName(column)} = ${sql.quoteLiteral(value)}`);
  return equal.length === 0 ? undefined : `(${equal.join(' AND ')}) IS NOT TRUE`;
}

/** The condition that one of several holds. */
export const anyOf = (conditions: readonly string[]): string =>
  conditions.length === 1 ? conditions.join('') : conditions.map((each) => `(${each})`).join(' OR ');

/** The condition that a text column has `text` somewhere in it; the case of ASCII letters does not matter. */
export function containsText(executor: Executor, column: string, text: string): Knex.Raw {
  const pattern = `%${text.replaceAll(/[%_!]/g, '!$&')}%`;
  return executor.raw("LOWER(??) LIKE LOWER(?) ESCAPE '!'", [column, pattern]);
}
