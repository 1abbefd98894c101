import { defineApp } from '../../registry/define.js';
import { defineCredentials } from '../define.js';
import { sessionKind } from '../session-kind.js';
import { step } from '../steps.js';

/** django-user-sessions 1.7 to 2.0 user_sessions/models.py. */
const app = defineApp({
  label: 'user_sessions',
  models: {
    Session: {
      fields: {
        session_key: { type: 'CharField', maxLength: 40, primaryKey: true, verboseName: 'session key' },
        session_data: { type: 'TextField', verboseName: 'session data' },
        expire_date: { type: 'DateTimeField', dbIndex: true, verboseName: 'expire date' },
        user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE', null: true },
        user_agent: { type: 'CharField', maxLength: 200, null: true, blank: true },
        last_activity: { type: 'DateTimeField', default: { computed: 'now' } },
        ip: { type: 'GenericIPAddressField', null: true, blank: true, verboseName: 'IP' },
      },
    },
  },
});

export default defineCredentials({
  package: 'django-user-sessions',
  app,
  secrets: { Session: ['session_key', 'session_data'] },
  kinds: [sessionKind('Session', 'last_activity')],
  prune: [{ name: 'sessions', steps: (tables, { now }) => [step(tables, 'Session', [['expire_date', '<', now]])] }],
});
