import type { Knex } from 'knex';
import type { Connection, Executor } from '../db/connection.js';
import { readSessions, type SessionRow, sessionTable } from './table.js';

export interface PageOptions {
  readonly now: Date;
  /** Which rows are wanted; all by default. */
  readonly where?: ((executor: Executor) => Knex.Raw) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Larger ones are hardly faster, and what is in flight costs memory. */
const pageRows = 100;
/** Characters of session data that a page is to have. */
const pageText = 500_000;

/**
 * All sessions, page by page, in the order in which the database reads them best. The next page is read while the last one
 * is worked on. Each page is a query of its own, so that nobody waits for this; what changes meanwhile may be seen or not.
 */
export async function* readSessionPages(
  connection: Pick<Connection, 'db' | 'dialect' | 'registry'>,
  { now, where, signal }: PageOptions,
): AsyncGenerator<readonly SessionRow[]> {
  const { db, dialect, registry } = connection;
  const { model, key } = sessionTable(registry);
  const engine = await dialect.batches();
  const order = await engine.readingOrder(db, model.table, key.column);
  const load = (after: string | undefined, limit: number): Promise<readonly SessionRow[]> =>
    readSessions(connection, db, {
      now,
      order: order.column,
      narrow(query) {
        if (after !== undefined) query.where(order.column, '>', after);
        if (where !== undefined) query.whereRaw(where(db));
        query.limit(limit);
      },
    });

  let limit = pageRows;
  let next: Promise<readonly SessionRow[]> | undefined = load(undefined, limit);
  try {
    while (next !== undefined) {
      const page: readonly SessionRow[] = await next;
      const last = page.at(-1);
      if (last === undefined || signal?.aborted) break;
      const length = page.reduce((sum, { text }) => sum + text.length, 0) / page.length;
      const full = page.length === limit;
      limit = Math.max(1, Math.min(pageRows, Math.round(pageText / Math.max(length, 1))));
      next = full ? load(last.place, limit) : undefined;
      // It is looked at when its turn comes; until then a failure must not end the process.
      next?.catch(() => undefined);
      yield page;
    }
  } finally {
    await next?.catch(() => undefined);
  }
  await order.verify(db);
}
