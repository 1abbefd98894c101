import type { Value } from '../../db/dialect/dialect.js';
import { selectRows } from '../../db/write/rows.js';
import { defineApp } from '../../registry/define.js';
import { defineCredentials, type SessionPlace } from '../define.js';

/** django-allauth 0.61 to 65 allauth/usersessions/models.py: a list of sessions that users are shown. */
const app = defineApp({
  label: 'usersessions',
  verboseName: 'User Sessions',
  models: {
    UserSession: {
      fields: {
        id: { type: 'BigAutoField', primaryKey: true, verboseName: 'ID' },
        user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE' },
        created_at: { type: 'DateTimeField', default: { computed: 'now' } },
        ip: { type: 'GenericIPAddressField' },
        last_seen_at: { type: 'DateTimeField', default: { computed: 'now' } },
        session_key: { type: 'CharField', maxLength: 40, unique: true },
        user_agent: { type: 'CharField', maxLength: 200 },
        data: { type: 'JSONField', default: { computed: 'emptyObject' } },
      },
    },
  },
});

export const usersessions = defineCredentials({
  package: 'django-allauth',
  app,
  secrets: { UserSession: ['session_key'] },
  traces: [{ group: 'session', model: 'UserSession', user: 'user' }],
  async sessions({ connection, model: modelOf }, keys) {
    const places = new Map<string, SessionPlace>();
    for (const key of keys) {
      const options = { fields: ['ip', 'user_agent', 'last_seen_at'], lenient: true };
      const rows = await selectRows(connection, modelOf('UserSession'), { session_key: key }, options);
      for (const { ip, user_agent: browser, last_seen_at: lastUsed } of rows) {
        places.set(key, { address: text(ip), browser: text(browser), lastUsed: text(lastUsed) });
      }
    }
    return places;
  },
});

const text = (value: Value | undefined) =>
  value === null || value === undefined || value === '' ? undefined : String(value);
