import { defineSessionApp } from '../session-app.js';

/** django-user-sessions 1.7 to 2.0 user_sessions/models.py. */
export default defineSessionApp({
  package: 'django-user-sessions',
  label: 'user_sessions',
  agentLength: 200,
  times: { last_activity: { type: 'DateTimeField', default: { computed: 'now' } } },
  lastUsed: 'last_activity',
});
