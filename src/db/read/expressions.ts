import type { Knex } from 'knex';
import type { DbContext, Executor } from '../connect/connection.js';
import type { SqlText } from '../dialect/sql.js';

/** Columns and tables of a row that others are compared with: `table.column`. */
type ColumnName = string;

type Bindings = readonly Knex.RawBinding[];

const made = (executor: Executor, sql: string, bindings: Bindings): Knex.Raw => executor.raw(sql, [...bindings]);

/** The condition that no row fulfils. */
export const noRow = (executor: Executor): Knex.Raw => made(executor, '1 = 0', []);

export const equals = (executor: Executor, column: ColumnName, value: Knex.Value | Knex.Raw): Knex.Raw =>
  made(executor, '?? = ?', [column, value]);

export const isNull = (executor: Executor, column: ColumnName): Knex.Raw => made(executor, '?? IS NULL', [column]);

/** The condition that the text of a column has as many characters as one of these numbers says. */
export function hasLength(executor: Executor, column: ColumnName, lengths: readonly number[]): Knex.Raw {
  return made(executor, `LENGTH(??) IN (${lengths.map(() => '?').join(', ')})`, [column, ...lengths]);
}

/** The condition that a text is this one but for its case; with `trimmed` but for blanks around it too. */
export function equalsIgnoringCase(
  executor: Executor,
  column: ColumnName,
  text: string,
  { trimmed = false }: { readonly trimmed?: boolean } = {},
): Knex.Raw {
  return made(executor, `LOWER(${trimmed ? 'TRIM(??)' : '??'}) = LOWER(?)`, [column, text]);
}

/** The condition that another one is false. Where that is unknown, as of NULL, this one is too. */
export const not = (executor: Executor, condition: Knex.Raw): Knex.Raw => made(executor, 'NOT (?)', [condition]);

/** The condition that belongs to the value of a column, for one of these values at least; no row with another one fulfils it. */
export function holdsByValue(
  executor: Executor,
  column: ColumnName,
  conditions: readonly (readonly [value: unknown, condition: Knex.Raw])[],
): Knex.Raw {
  const cases = conditions.map(() => 'WHEN ? THEN (?)').join(' ');
  return made(executor, `CASE ?? ${cases} ELSE 1 = 0 END`, [column, ...(conditions.flat() as Knex.RawBinding[])]);
}

/** The condition that all of these hold: every row's, where there are none. */
export function allOf(executor: Executor, conditions: readonly Knex.Raw[]): Knex.Raw {
  if (conditions.length === 0) return made(executor, '1 = 1', []);
  return made(executor, conditions.map(() => '(?)').join(' AND '), conditions);
}

/** The condition that none of these is true: those that are unknown are not. */
export function noneOf(executor: Executor, conditions: readonly Knex.Raw[]): Knex.Raw {
  if (conditions.length === 0) return made(executor, '1 = 1', []);
  return made(executor, conditions.map(() => '(?) IS NOT TRUE').join(' AND '), conditions);
}

/**
 * The condition that a column, with its table, refers to a row of `table`, by its column `key`, for which `where` holds. The row
 * is looked up: a list of all of them would be made again by each statement on a few rows.
 */
export function refersToRowsWhere(
  executor: Executor,
  column: ColumnName,
  { table, key, where }: { readonly table: string; readonly key: string; readonly where: Knex.Raw },
): Knex.Raw {
  return made(executor, 'EXISTS (SELECT 1 FROM ?? WHERE ?? = ?? AND (?))', [table, `${table}.${key}`, column, where]);
}

/** Columns of two tables that are equal in rows that belong together. */
interface Referrers {
  /** The table whose rows refer, and its column that does. */
  readonly table: string;
  readonly column: string;
  /** What they refer to. */
  readonly key: ColumnName;
}

/** The condition that no row refers to this one, leaving out those for which one of `except` holds. */
export function isUnreferred(
  executor: Executor,
  { table, column, key }: Referrers,
  { except = [] }: { readonly except?: readonly Knex.Raw[] } = {},
): Knex.Raw {
  return made(executor, 'NOT EXISTS (SELECT 1 FROM ?? WHERE ?? = ?? AND ?)', [
    table,
    `${table}.${column}`,
    key,
    noneOf(executor, except),
  ]);
}

/** The number of rows that refer to this one, to select as `name`. */
export function referrerCount(executor: Executor, { table, column, key }: Referrers, name: string): Knex.Raw {
  return made(executor, '(SELECT COUNT(*) FROM ?? WHERE ?? = ??) AS ??', [table, `${table}.${column}`, key, name]);
}

/** A value, or whether a condition holds, to select as `name`. */
export function valueNamed(executor: Executor, value: Knex.Value | Knex.Raw, name: string): Knex.Raw {
  return made(executor, '(?) AS ??', [value, name]);
}

/** Where an INSERT of what a query selects puts its columns. */
export function insertTarget(executor: Executor, table: string, columns: readonly string[]): Knex.Raw {
  return made(executor, `?? (${columns.map(() => '??').join(', ')})`, [table, ...columns]);
}

/** The texts of a column, in lower case, that several rows have but for the case: `atMost` of them. */
export async function textsEqualButForCase(
  { db }: Pick<DbContext, 'db'>,
  table: string,
  column: string,
  { atMost = 1000 }: { readonly atMost?: number } = {},
): Promise<string[]> {
  const rows: Record<string, unknown>[] = await db(table)
    .select(db.raw('LOWER(??) AS ??', [column, 'folded']))
    .where(column, '<>', '')
    .groupByRaw('LOWER(??)', [column])
    .havingRaw('COUNT(*) > 1')
    .limit(atMost);
  return rows.map((row) => String(row.folded));
}

/** The highest value of a column of whole numbers; undefined where there is none. */
export async function highestNumber(
  sql: SqlText,
  executor: Executor,
  table: string,
  column: string,
): Promise<bigint | undefined> {
  const [row]: { highest?: string | null }[] = await executor
    .from(table)
    .select(executor.raw(`${sql.asText('max(??)')} AS highest`, [column]));
  return row?.highest == null ? undefined : BigInt(row.highest);
}

/** Whether a database answers. */
export async function answers(executor: Executor): Promise<boolean> {
  return executor.raw('SELECT 1').then(
    () => true,
    () => false,
  );
}
