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

/**
 * All pages after a key, in their order, each about as long. Where there are several executors, the pages are dealt to
 * them in turn, and the next one of each waits behind the one that it reads.
 */
export async function* dealtPages<Page extends KeyedPage>(
  executors: Executors,
  { read, findLast }: PageReader<Page>,
  start: Value | undefined,
): AsyncGenerator<Page, void> {
  const begun: Promise<Page | undefined>[] = [];
  const most = executors.length === 1 ? 1 : executors.length + 1;
  let limit = FIRST_ROWS;
  let after = start;
  let ended = false;
  try {
    for (let dealt = 0; !ended || begun.length > 0; ) {
      while (!ended && begun.length < most) {
        const executor = executors[dealt++ % executors.length] ?? executors[0];
        // The next page begins before this one is there.
        const ahead = most > 1 ? findLast(executor, after, limit) : undefined;
        const page = read(executor, after, limit);
        // Each is looked at when its turn comes; until then a failure must not end the process.
        page.catch(() => {});
        begun.push(page);
        const last = ahead === undefined ? await lastOf(page, limit) : await ahead;
        after = last;
        ended = last === undefined;
      }
      const page = await begun.shift();
      if (page === undefined) continue;
      limit = Math.min(MOST_ROWS, Math.max(1, Math.floor((page.rows * PAGE_TEXT) / Math.max(1, page.text.length))));
      yield page;
    }
  } finally {
    // Nothing is to be running any more when the transaction ends.
    await Promise.allSettled(begun);
  }
}

async function lastOf(page: Promise<KeyedPage | undefined>, limit: number): Promise<Value | undefined> {
  const { rows = 0, last } = (await page) ?? {};
  return rows < limit ? undefined : last;
}
