import type { Knex } from 'knex';
import type { DbContext, Executor } from '../../db/connect/connection.js';
import { ahead } from '../../db/read/prefetch.js';
import type { ScannedRows } from '../../db/read/scan.js';
import { type SessionRow, sessionRows, sessionTable } from '../store/table.js';

export interface PageOptions {
  readonly now: Date;
  /** Which rows are wanted; all by default. */
  readonly where?: ((executor: Executor) => Knex.Raw) | undefined;
  /** Whether the pages are taken by somebody who may let the next one wait. */
  readonly slowReader?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Larger ones are hardly faster, and what is in flight costs memory. */
const pageRows = 100;
/** Characters of session data that a page is to have. */
const pageText = 500_000;

/**
 * All sessions, page by page, in the order in which the database reads them best. The next page is read while the last one
 * is worked on. Nobody who writes waits for this; what changes meanwhile may be seen or not.
 */
export async function* readSessionPages(
  connection: DbContext,
  { now, where, slowReader = false, signal }: PageOptions,
): AsyncGenerator<readonly SessionRow[]> {
  const { model, key } = sessionTable(connection.registry);
  const { query, columns, row } = sessionRows(connection, now);
  const engine = await connection.dialect.batches();
  const scan = engine.scan(connection, {
    query: (executor) => (where === undefined ? query(executor) : query(executor).whereRaw(where(executor))),
    table: model.table,
    key: key.column,
    columns,
    pageSize,
    slowReader,
  });
  for await (const page of ahead(scan)) {
    if (signal?.aborted) return;
    yield page.map(row);
  }
}

function pageSize(last: ScannedRows | undefined): number {
  if (last === undefined || last.length === 0) return pageRows;
  const length = last.reduce((sum, [, text]) => sum + String(text).length, 0) / last.length;
  return Math.max(1, Math.min(pageRows, Math.round(pageText / Math.max(length, 1))));
}
