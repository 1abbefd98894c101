import type { Row } from '../db/write/rows.js';
import { type CredentialKind, isPast } from './define.js';

/** Sessions that have a column for their user, in a table that stands in for Django's own. */
export function sessionKind(model: string, lastUsed: string): CredentialKind {
  return {
    kind: 'session',
    group: 'session',
    model,
    user: 'user',
    fields: ['session_key', 'expire_date', lastUsed, 'ip', 'user_agent'],
    describe: (row: Row, now) => ({
      live: !isPast(row.expire_date, now),
      state: 'expired',
      expires: row.expire_date,
      lastUsed: row[lastUsed],
      name: [String(row.session_key).slice(0, 8), row.ip, row.user_agent].filter(Boolean).join(' '),
    }),
  };
}
