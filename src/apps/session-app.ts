import type { Row } from '../db/write/rows.js';
import { defineApp } from '../registry/define.js';
import type { FieldDefinition } from '../registry/types.js';
import { type CredentialApp, type CredentialKind, defineCredentials, isPast } from './define.js';
import { step } from './steps.js';

interface SessionApp {
  readonly package: string;
  readonly label: string;
  /** Characters of the user agent that are kept. */
  readonly agentLength: number;
  /** When a session was made and used. */
  readonly times: Readonly<Record<string, FieldDefinition>>;
  /** Which of them says when it was last used. */
  readonly lastUsed: string;
}

/** An app whose table of sessions stands in for Django's own, and has a column for their user. */
export function defineSessionApp({ package: name, label, agentLength, times, lastUsed }: SessionApp): CredentialApp {
  const app = defineApp({
    label,
    models: {
      Session: {
        fields: {
          session_key: { type: 'CharField', maxLength: 40, primaryKey: true, verboseName: 'session key' },
          session_data: { type: 'TextField', verboseName: 'session data' },
          expire_date: { type: 'DateTimeField', dbIndex: true, verboseName: 'expire date' },
          user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE', null: true },
          user_agent: { type: 'CharField', maxLength: agentLength, null: true, blank: true },
          ...times,
          ip: { type: 'GenericIPAddressField', null: true, blank: true, verboseName: 'IP' },
        },
      },
    },
  });
  return defineCredentials({
    package: name,
    app,
    secrets: { Session: ['session_key', 'session_data'] },
    kinds: [sessionKind(lastUsed)],
    prune: [{ name: 'sessions', steps: (tables, { now }) => [step(tables, 'Session', [['expire_date', '<', now]])] }],
  });
}

function sessionKind(lastUsed: string): CredentialKind {
  return {
    kind: 'session',
    group: 'session',
    model: 'Session',
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
