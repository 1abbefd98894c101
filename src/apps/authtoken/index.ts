import { defineApp } from '../../registry/define.js';
import { defineCredentials } from '../define.js';

/** djangorestframework 3.16 rest_framework/authtoken/models.py; the same since 3.2. */
const app = defineApp({
  label: 'authtoken',
  verboseName: 'Auth Token',
  models: {
    Token: {
      verboseName: 'Token',
      fields: {
        key: { type: 'CharField', primaryKey: true, maxLength: 40, verboseName: 'Key' },
        user: { type: 'OneToOneField', to: 'auth.user', onDelete: 'CASCADE', verboseName: 'User' },
        created: { type: 'DateTimeField', blank: true, default: { computed: 'now' }, verboseName: 'Created' },
      },
    },
  },
  proxies: [{ name: 'TokenProxy', of: 'authtoken.Token', verboseName: 'Token' }],
});

export default defineCredentials({
  package: 'djangorestframework',
  app,
  secrets: { Token: ['key'] },
  kinds: [
    {
      kind: 'authtoken',
      group: 'token',
      model: 'Token',
      user: 'user',
      fields: ['created'],
      describe: ({ created }) => ({ live: true, created }),
      recognise: (token) => (/^[0-9a-f]{40}$/.test(token) ? { key: token } : undefined),
    },
  ],
});
