import type { Connection } from '../db/connection.js';
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
  connection: Pick<Connection, 'db' | 'dialect' | 'registry'>,
  { now, cookieAge, ...keys }: SelectionContext,
  {
    where,
    unverified,
    signal,
    onProgress,
  }: ScanOptions & Pick<PageOptions, 'where'> & Pick<SessionSelection, 'unverified'> = {},
): AsyncGenerator<readonly InspectedSession[]> {
  const summarizer = openSummarizer(keys);
  const context = unverified === undefined ? { cookieAge } : { cookieAge, unverified };
  let seen = 0;
  try {
    for await (const page of readSessionPages(connection, { now, where, signal })) {
      const summaries = await summarizer.summarize(page.map(({ text }) => text));
      yield page.map((row, index) => inspectSession(row, summaries[index], context));
      seen += page.length;
      onProgress?.(seen);
    }
  } finally {
    await summarizer.close();
  }
}
