import type { Knex } from 'knex';
import type { Connection, Executor } from '../connect/connection.js';
import type { PackedColumn } from '../dialect/dialect.js';

/** What is read of a table, and how. */
export interface TableScan {
  /** The rows that are wanted, in no order and without a limit. */
  readonly query: (executor: Executor) => Knex.QueryBuilder;
  readonly table: string;
  /** The column of the primary key. */
  readonly key: string;
  /** What `query` selects; see `Dialect.packRows` for what comes of it. */
  readonly columns: readonly PackedColumn[];
  /** How many rows the next page is to have, by the last one. */
  readonly pageSize: (last: ScannedRows | undefined) => number;
  /**
   * Whether somebody looks at one page for as long as he likes before he takes the next one, as at a terminal: then no
   * transaction may be open meanwhile.
   */
  readonly slowReader?: boolean;
}

/** The rows of a page, each with its values in the order of the columns. */
export type ScannedRows = readonly (readonly unknown[])[];

type Place = Pick<Connection, 'db' | 'dialect'>;

/** Reads in the order of `column`, which is not null and another one for each row. Each page is a query of its own. */
export async function* scanInOrder(
  { db, dialect }: Place,
  { query, key, columns, pageSize }: TableScan,
  column: Knex.Raw,
): AsyncGenerator<ScannedRows, void> {
  const place = columns.find(({ name }) => name === key);
  if (place === undefined) throw new Error('The key must be among the columns that are read.');
  const placed = [...columns, { ...place, name: placeColumn }];
  for (let rows: ScannedRows | undefined, after: string | undefined; ; ) {
    const limit = pageSize(rows);
    const page = query(db)
      .select(db.raw('? AS ??', [column, placeColumn]))
      .orderBy(column)
      .limit(limit);
    if (after !== undefined) page.where(column, '>', after);
    const packed = await dialect.packRows(db, page, placed);
    rows = packed === null ? [] : (JSON.parse(packed) as ScannedRows);
    if (rows.length > 0) yield rows;
    if (rows.length < limit) return;
    after = String(rows.at(-1)?.at(-1));
  }
}

const placeColumn = 'manage_place';
