import { createHash } from 'node:crypto';
import { defineApp } from '../../registry/define.js';
import { defineCredentials, isPast } from '../define.js';

/** djangorestframework-api-key 2.0 to 3.1 rest_framework_api_key/models.py. */
const app = defineApp({
  label: 'rest_framework_api_key',
  verboseName: 'API Key Permissions',
  models: {
    APIKey: {
      verboseName: 'API key',
      ordering: ['-created'],
      fields: {
        id: { type: 'CharField', primaryKey: true, maxLength: 150 },
        prefix: { type: 'CharField', maxLength: 8, unique: true },
        hashed_key: { type: 'CharField', maxLength: 150 },
        created: { type: 'DateTimeField', dbIndex: true, blank: true, default: { computed: 'now' } },
        name: { type: 'CharField', maxLength: 50 },
        revoked: { type: 'BooleanField', blank: true, default: { value: false } },
        expiry_date: { type: 'DateTimeField', null: true, blank: true, verboseName: 'Expires' },
      },
    },
  },
});

/** What is kept of a key since 3.0; older ones are hashed as passwords are, and hashed anew when they are used. */
const hashOf = (key: string) => `sha512$$${createHash('sha512').update(key).digest('hex')}`;

export default defineCredentials({
  package: 'djangorestframework-api-key',
  app,
  secrets: { APIKey: ['id', 'hashed_key'] },
  hashed: ['APIKey.id', 'APIKey.hashed_key'],
  kinds: [
    {
      kind: 'api_key',
      group: 'token',
      model: 'APIKey',
      fields: ['created', 'name', 'prefix', 'revoked', 'expiry_date'],
      describe: ({ created, name, prefix, revoked, expiry_date: expires }, now) => {
        const state = revoked === true ? 'revoked' : isPast(expires, now) ? 'expired' : undefined;
        return { live: state === undefined, ...(state && { state }), created, expires, name: `${name} (${prefix})` };
      },
      recognise: (key) => (/^[^.]{8}\.[^.]{32}$/.test(key) ? { hashed_key: hashOf(key) } : undefined),
      // Revoked for ever, as the package does it: the row says that there was such a key.
      async end({ tables: { connection }, model, narrow }) {
        return narrow(connection.db(model.table)).where(`${model.table}.revoked`, false).update({ revoked: true });
      },
    },
  ],
});
