import type { LogEntry } from '../../audit/read.js';
import type { Terminal } from '../../command.js';
import { counted } from '../../text.js';
import type { ListColumn } from '../shared/listing.js';

/** The moment of an entry, in so many characters at most. */
export const logTime = ({ time }: LogEntry, characters: number): string =>
  time?.replace('T', ' ').slice(0, characters) ?? 'unreadable date';

/** The pages; at their end it says how many entries have a time that is no moment. */
export async function* warningOfTimes(
  pages: AsyncIterable<readonly LogEntry[]>,
  { warn }: Pick<Terminal, 'warn'>,
): AsyncGenerator<readonly LogEntry[]> {
  let unreadable = 0;
  for await (const page of pages) {
    unreadable += page.filter(({ time }) => time === null).length;
    yield page;
  }
  if (unreadable > 0) {
    warn(
      `${counted(unreadable, 'entry has', 'entries have')} a time that cannot be read. \`manage check\` shows where.`,
    );
  }
}

export const logColumns: readonly ListColumn<LogEntry>[] = [
  { heading: 'time', cell: (entry) => logTime(entry, 19) },
  { heading: 'user', flexible: true, cell: (entry) => entry.user },
  { heading: 'action', cell: (entry) => entry.action },
  { heading: 'model', cell: (entry) => entry.model },
  { heading: 'pk', cell: ({ objectId }) => objectId },
  { heading: 'object', flexible: true, cell: (entry) => entry.object },
  { heading: 'message', flexible: true, cell: ({ message }) => message },
  { heading: 'by', cell: ({ provenance }) => provenance?.by },
  { heading: 'command', cell: ({ provenance }) => provenance?.command },
];
