import type { Executor } from '../../connect/connection.js';
import { mentions } from './sql-text.js';

/** A row of `sqlite_master` that was made by a statement of its own. */
export interface CatalogueEntry {
  readonly type: 'index' | 'trigger' | 'view';
  readonly name: string;
  readonly sql: string;
}

/** The statement that made the table, or undefined where there is none. */
export async function tableSql(executor: Executor, table: string): Promise<string | undefined> {
  const rows = await executor.raw<{ sql: string }[]>(
    "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE",
    [table],
  );
  return rows[0]?.sql;
}

/** Indexes and triggers of the table, in the order in which they were made. */
export function belongings(executor: Executor, table: string): Promise<CatalogueEntry[]> {
  return executor.raw<CatalogueEntry[]>(
    "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND tbl_name = ? COLLATE NOCASE ORDER BY rowid",
    [table],
  );
}

/** Columns of an index, in its order; an expression counts as undefined. */
export async function indexColumns(executor: Executor, index: string): Promise<(string | undefined)[]> {
  const rows = await executor.raw<{ name: string | null }[]>('SELECT name FROM pragma_index_info(?) ORDER BY seqno', [
    index,
  ]);
  return rows.map(({ name }) => name ?? undefined);
}

/** The greatest key that AUTOINCREMENT has given so far, as text; undefined where it has given none. */
export async function sequenceOf(executor: Executor, table: string): Promise<string | undefined> {
  const exists = await executor.raw<unknown[]>("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'");
  if (exists.length === 0) return undefined;
  const rows = await executor.raw<{ seq: string }[]>(
    'SELECT CAST(seq AS TEXT) AS seq FROM sqlite_sequence WHERE name = ?',
    [table],
  );
  return rows[0]?.seq;
}

/** What would be broken without the table: tables that refer to it, views and other tables' triggers that use it. */
export async function dependents(executor: Executor, table: string): Promise<{ type: string; name: string }[]> {
  const tables = await executor.raw<{ name: string }[]>(
    `SELECT DISTINCT m.name FROM sqlite_master m, pragma_foreign_key_list(m.name) f
     WHERE m.type = 'table' AND f."table" = :table COLLATE NOCASE AND m.name <> :table COLLATE NOCASE ORDER BY m.name`,
    { table },
  );
  const others = await executor.raw<CatalogueEntry[]>(
    "SELECT type, name, sql FROM sqlite_master WHERE type IN ('view', 'trigger') AND tbl_name <> ? COLLATE NOCASE ORDER BY name",
    [table],
  );
  return [
    ...tables.map(({ name }) => ({ type: 'table', name })),
    ...others.filter(({ sql }) => mentions(sql, table)).map(({ type, name }) => ({ type, name })),
  ];
}
