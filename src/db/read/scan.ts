import type { Knex } from 'knex';
import type { ScanContext, ScannedRows, TableScan } from '../dialect/batches.js';

export type { ScannedRows, TableScan } from '../dialect/batches.js';

/** Reads in the order of `column`, which is not null and another one for each row. Each page is a query of its own. */
export async function* scanInOrder(
  { db, dialect }: ScanContext,
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
