import { randomBytes } from 'node:crypto';
import type { DbContext, Executor } from '../../connect/connection.js';
import { ahead } from '../../read/prefetch.js';
import { type ScannedRows, scanInOrder, type TableScan } from '../../read/scan.js';
import { isBound, transaction } from '../../transactions/transaction.js';

/**
 * See `BatchDialect.scan`. By key, each row would be looked up in another place of the table; in the table's own order only
 * one statement sees each row once, since rows move when they are changed.
 */
export async function* scanPostgres(connection: DbContext, scan: TableScan): AsyncGenerator<ScannedRows, void> {
  if (scan.slowReader) {
    yield* scanInOrder(connection, scan, connection.db.raw('??', [scan.key]));
    return;
  }
  // A savepoint that lasts as long as somebody reads would keep all others waiting, who may be inside of the loop over this.
  if (isBound(connection)) yield* readCursor(connection.db, scan);
  else yield* inSnapshot(connection, (executor) => readCursor(executor, scan));
}

async function* readCursor(
  executor: Executor,
  { query, columns, pageSize }: TableScan,
): AsyncGenerator<ScannedRows, void> {
  // Several may be open in one transaction.
  const cursor = `manage_scan_${randomBytes(6).toString('hex')}`;
  await executor.raw('DECLARE ?? NO SCROLL CURSOR FOR ?', [cursor, query(executor)]);
  const names = columns.map(({ name }) => name);
  const fetch = async (count: number): Promise<ScannedRows> => {
    const { rows } = await executor.raw<{ rows: Record<string, unknown>[] }>(`FETCH ${count} FROM ??`, [cursor]);
    return rows.map((row) => names.map((name) => row[name]));
  };
  try {
    for await (const rows of ahead(fetches(fetch, pageSize))) {
      const size = pageSize(rows);
      for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size);
    }
  } finally {
    // A transaction that goes on would keep it. One that has failed has none any more.
    await executor.raw('CLOSE ??', [cursor]).catch(() => undefined);
  }
}

/** A statement takes as long to be sent and answered as some hundred rows, so that each brings several pages. */
const pagesOfFetch = 4;

async function* fetches(
  fetch: (count: number) => Promise<ScannedRows>,
  pageSize: TableScan['pageSize'],
): AsyncGenerator<ScannedRows, void> {
  for (let rows: ScannedRows | undefined; ; ) {
    const count = pageSize(rows) * (rows === undefined ? 1 : pagesOfFetch);
    rows = await fetch(count);
    if (rows.length > 0) yield rows;
    if (rows.length < count) return;
  }
}

/** What `work` makes in a snapshot that is open for as long as that is read. */
async function* inSnapshot<T>(
  connection: DbContext,
  work: (executor: Executor) => AsyncGenerator<T, void>,
): AsyncGenerator<T, void> {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let running: Promise<void> | undefined;
  const begun = new Promise<Executor>((resolve, reject) => {
    const hold = ({ db }: DbContext) => {
      resolve(db);
      return ended;
    };
    running = transaction(connection, hold, { mode: 'snapshot' });
    running.catch(reject);
  });
  try {
    yield* work(await begun);
  } finally {
    end();
    // Nothing was written: that it could not be ended properly takes nothing from what was read.
    await running?.catch(() => undefined);
  }
}
