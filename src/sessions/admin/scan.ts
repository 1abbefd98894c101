import type { DbContext } from '../../db/connect/connection.js';
import type { SessionRow } from '../store/table.js';
import { type PageOptions, readSessionPages } from './pages.js';
import { type InspectedSession, inspectSession, type SelectionContext, type SessionSelection } from './selection.js';
import { openSummarizer } from './summaries.js';

export interface ScanOptions {
  readonly signal?: AbortSignal;
  /** Sessions that were looked at so far. */
  readonly onProgress?: (seen: number) => void;
}

/** All sessions, or those for which `where` holds, with what they hold, page by page. Nothing that is in a row makes it fail. */
export async function* scanSessions(
  connection: DbContext,
  { now, cookieAge, ...keys }: SelectionContext,
  {
    where,
    slowReader,
    unverified,
    signal,
    onProgress,
  }: ScanOptions & Pick<PageOptions, 'where' | 'slowReader'> & Pick<SessionSelection, 'unverified'> = {},
): AsyncGenerator<readonly InspectedSession[]> {
  const summarizer = openSummarizer(keys);
  const context = unverified === undefined ? { cookieAge } : { cookieAge, unverified };
  const inspect = async (page: readonly SessionRow[]): Promise<readonly InspectedSession[]> => {
    const summaries = await summarizer.summarize(page.map(({ text }) => text));
    return page.map((row, index) => inspectSession(row, summaries[index], context));
  };
  const pending: Promise<readonly InspectedSession[]>[] = [];
  let seen = 0;
  async function* finished(ahead: number) {
    while (pending.length > ahead) {
      const page = await pending.shift();
      if (page === undefined) return;
      yield page;
      seen += page.length;
      onProgress?.(seen);
    }
  }
  try {
    for await (const page of readSessionPages(connection, { now, where, slowReader, signal })) {
      const inspected = inspect(page);
      // It is looked at when its turn comes; until then a failure must not end the process.
      inspected.catch(() => undefined);
      pending.push(inspected);
      yield* finished(pagesAhead);
    }
    yield* finished(0);
  } finally {
    await summarizer.close();
  }
}

/** What two threads read, and what waits for them, so that neither waits for the database. What is in flight costs memory. */
const pagesAhead = 4;
