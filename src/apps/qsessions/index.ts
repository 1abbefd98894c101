import { defineApp } from '../../registry/define.js';
import { defineCredentials } from '../define.js';
import { sessionKind } from '../session-kind.js';
import { step } from '../steps.js';

/** django-qsessions 1.0 to 2.1 qsessions/models.py. */
const app = defineApp({
  label: 'qsessions',
  models: {
    Session: {
      fields: {
        session_key: { type: 'CharField', maxLength: 40, primaryKey: true, verboseName: 'session key' },
        session_data: { type: 'TextField', verboseName: 'session data' },
        expire_date: { type: 'DateTimeField', dbIndex: true, verboseName: 'expire date' },
        user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE', null: true },
        user_agent: { type: 'CharField', maxLength: 300, null: true, blank: true },
        created_at: { type: 'DateTimeField', null: true },
        updated_at: { type: 'DateTimeField', default: { computed: 'now' } },
        ip: { type: 'GenericIPAddressField', null: true, blank: true, verboseName: 'IP' },
      },
    },
  },
});

export default defineCredentials({
  package: 'django-qsessions',
  app,
  secrets: { Session: ['session_key', 'session_data'] },
  kinds: [sessionKind('Session', 'updated_at')],
  prune: [{ name: 'sessions', steps: (tables, { now }) => [step(tables, 'Session', [['expire_date', '<', now]])] }],
});
