import { defineSessionApp } from '../session-app.js';

/** django-qsessions 1.0 to 2.1 qsessions/models.py. */
export default defineSessionApp({
  package: 'django-qsessions',
  label: 'qsessions',
  agentLength: 300,
  times: {
    created_at: { type: 'DateTimeField', null: true },
    updated_at: { type: 'DateTimeField', default: { computed: 'now' } },
  },
  lastUsed: 'updated_at',
});
