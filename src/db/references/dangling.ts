import type { DbContext } from '../connect/connection.js';
import type { SqlText } from '../dialect/sql.js';
import { sqlAsIs } from '../dialect/sql-as-is.js';

/** Columns of a table that refer to those of another one, in the database or by a model. */
export interface ColumnReference {
  readonly from: string;
  readonly columns: readonly string[];
  readonly to: string;
  readonly toColumns: readonly string[];
}

/** The condition of the rows that refer to nothing. */
function isDangling(sql: SqlText, { from, columns, to, toColumns }: ColumnReference): string {
  const quote = (name: string) => sql.quoteName(name);
  const given = columns.map((column) => `${quote(from)}.${quote(column)} IS NOT NULL`);
  const same = columns.map((column, at) => `t.${quote(toColumns[at] ?? '')} = ${quote(from)}.${quote(column)}`);
  return `${given.join(' AND ')} AND NOT EXISTS (SELECT 1 FROM ${quote(to)} t WHERE ${same.join(' AND ')})`;
}

/** How many rows refer to nothing by this reference. */
export async function countDangling({ db, dialect }: DbContext, reference: ColumnReference): Promise<number> {
  const [row]: Record<string, unknown>[] = await db
    .count({ count: '*' })
    .from(db.raw(sqlAsIs(dialect.quoteName(reference.from))))
    .whereRaw(sqlAsIs(isDangling(dialect, reference)));
  return Number(row?.count ?? 0);
}

/** The statement that deletes the rows that refer to nothing by this reference, for a person to run. */
export function deleteDanglingSql(sql: SqlText, reference: ColumnReference): string {
  return `DELETE FROM ${sql.quoteName(reference.from)} WHERE ${isDangling(sql, reference)};`;
}
