import type { LogEntry } from '../../audit/read.js';
import type { ListColumn } from '../shared/listing.js';

export const logColumns: readonly ListColumn<LogEntry>[] = [
  { heading: 'time', cell: ({ time }) => time.replace('T', ' ').slice(0, 19) },
  { heading: 'user', flexible: true, cell: (entry) => entry.user },
  { heading: 'action', cell: (entry) => entry.action },
  { heading: 'model', cell: (entry) => entry.model },
  { heading: 'pk', cell: ({ objectId }) => objectId },
  { heading: 'object', flexible: true, cell: (entry) => entry.object },
  { heading: 'message', flexible: true, cell: ({ message }) => message },
  { heading: 'by', cell: ({ provenance }) => provenance?.by },
  { heading: 'command', cell: ({ provenance }) => provenance?.command },
];
