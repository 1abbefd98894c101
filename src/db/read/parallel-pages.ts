import type { Executor } from '../connect/connection.js';
import type { Value } from '../dialect/dialect.js';

/** What reads at the same time: at least one, and all of them see one state. */
export type Executors = readonly [Executor, ...Executor[]];

/** A page of a table in the order of its keys. */
export interface KeyedPage {
  readonly text: string | Uint8Array;
  readonly rows: number;
  /** The key of its last row. */
  readonly last: Value;
}

export interface PageReader<Page extends KeyedPage> {
  /** The first `limit` rows that come after a key; undefined where there are none. */
  read(executor: Executor, after: Value | undefined, limit: number): Promise<Page | undefined>;
  /** The last key that `read` would come to; undefined where there are fewer rows than `limit`. */
  findLast(executor: Executor, after: Value | undefined, limit: number): Promise<Value | undefined>;
}

/** Few, because nobody knows yet how long they are. */
const FIRST_ROWS = 50;
const PAGE_TEXT = 1_000_000;
const MOST_ROWS = 4000;

/** What is read of a table, and what is still to be read. */
interface Reading<Page extends KeyedPage> {
  readonly executors: Executors;
  readonly reader: PageReader<Page>;
  /** Pages that are being read, in their order. */
  readonly begun: Promise<Page | undefined>[];
  /** How many were begun in all. */
  count: number;
  /** Rows of the next page. */
  limit: number;
  /** The key that it comes after. */
  after: Value | undefined;
  /** Whether nothing comes after what was begun. */
  ended: boolean;
}

/**
 * All pages after a key, in their order, each about as long. Where there are several executors, they read in turn, and the
 * next page of each waits behind the one that it reads.
 */
export async function* readInParallel<Page extends KeyedPage>(
  executors: Executors,
  reader: PageReader<Page>,
  start: Value | undefined,
): AsyncGenerator<Page, void> {
  const reading: Reading<Page> = {
    executors,
    reader,
    begun: [],
    count: 0,
    limit: FIRST_ROWS,
    after: start,
    ended: false,
  };
  const { begun } = reading;
  const most = executors.length === 1 ? 1 : executors.length + 1;
  try {
    while (!reading.ended || begun.length > 0) {
      while (!reading.ended && begun.length < most) await beginPage(reading);
      const page = await begun.shift();
      if (page === undefined) continue;
      reading.limit = rowsLike(page);
      yield page;
    }
  } finally {
    // Nothing is to be running any more when the transaction ends.
    await Promise.allSettled(begun);
  }
}

/** Begins to read the next page, and finds out where the one after it begins. */
async function beginPage<Page extends KeyedPage>(reading: Reading<Page>): Promise<void> {
  const { executors, reader, begun, limit, after } = reading;
  const executor = executors[reading.count++ % executors.length] ?? executors[0];
  // The next page begins before this one is there.
  const ahead = executors.length > 1 ? reader.findLast(executor, after, limit) : undefined;
  const page = reader.read(executor, after, limit);
  // Each is looked at when its turn comes; until then a failure must not end the process.
  page.catch(() => {});
  begun.push(page);
  reading.after = await (ahead ?? lastOf(page, limit));
  reading.ended = reading.after === undefined;
}

/** How many rows a page may have to be as long as pages should be, if they are like those of this one. */
const rowsLike = ({ rows, text }: KeyedPage): number =>
  Math.min(MOST_ROWS, Math.max(1, Math.floor((rows * PAGE_TEXT) / Math.max(1, text.length))));

async function lastOf(page: Promise<KeyedPage | undefined>, limit: number): Promise<Value | undefined> {
  const { rows = 0, last } = (await page) ?? {};
  return rows < limit ? undefined : last;
}
