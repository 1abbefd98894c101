import { defineApp } from '../../registry/define.js';
import { defineCredentials } from '../define.js';
import { daysBefore, step } from '../steps.js';

/** social-auth-app-django 4.0 to 5.4 social_django/models.py. */
const app = defineApp({
  label: 'social_django',
  verboseName: 'Python Social Auth',
  models: {
    UserSocialAuth: {
      table: 'social_auth_usersocialauth',
      uniqueTogether: [['provider', 'uid']],
      fields: {
        id: { type: 'BigAutoField', primaryKey: true, verboseName: 'ID' },
        user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE' },
        provider: { type: 'CharField', maxLength: 32 },
        uid: { type: 'CharField', maxLength: 255, dbIndex: true },
        extra_data: { type: 'JSONField', blank: true, default: { computed: 'emptyObject' } },
        created: { type: 'DateTimeField', blank: true, default: { computed: 'now' } },
        modified: { type: 'DateTimeField', blank: true, default: { computed: 'now' } },
      },
    },
    Nonce: {
      table: 'social_auth_nonce',
      uniqueTogether: [['server_url', 'timestamp', 'salt']],
      fields: {
        id: { type: 'BigAutoField', primaryKey: true, verboseName: 'ID' },
        server_url: { type: 'CharField', maxLength: 255 },
        timestamp: { type: 'IntegerField' },
        salt: { type: 'CharField', maxLength: 65 },
      },
    },
    Association: {
      table: 'social_auth_association',
      uniqueTogether: [['server_url', 'handle']],
      fields: {
        id: { type: 'BigAutoField', primaryKey: true, verboseName: 'ID' },
        server_url: { type: 'CharField', maxLength: 255 },
        handle: { type: 'CharField', maxLength: 255 },
        secret: { type: 'CharField', maxLength: 255 },
        issued: { type: 'IntegerField' },
        lifetime: { type: 'IntegerField' },
        assoc_type: { type: 'CharField', maxLength: 64 },
      },
    },
    Code: {
      table: 'social_auth_code',
      uniqueTogether: [['email', 'code']],
      fields: {
        id: { type: 'BigAutoField', primaryKey: true, verboseName: 'ID' },
        email: { type: 'EmailField', maxLength: 254 },
        code: { type: 'CharField', maxLength: 32, dbIndex: true },
        verified: { type: 'BooleanField', default: { value: false } },
        timestamp: { type: 'DateTimeField', dbIndex: true, blank: true, default: { computed: 'now' } },
      },
    },
    Partial: {
      table: 'social_auth_partial',
      fields: {
        id: { type: 'BigAutoField', primaryKey: true, verboseName: 'ID' },
        token: { type: 'CharField', maxLength: 32, dbIndex: true },
        next_step: { type: 'PositiveSmallIntegerField', default: { value: 0 } },
        backend: { type: 'CharField', maxLength: 32 },
        data: { type: 'JSONField', default: { computed: 'emptyObject' } },
        timestamp: { type: 'DateTimeField', dbIndex: true, blank: true, default: { computed: 'now' } },
      },
    },
  },
});

/** `clearsocial --age 14`. */
const codeAge = 14;

export default defineCredentials({
  package: 'social-auth-app-django',
  app,
  optional: ['UserSocialAuth.created', 'UserSocialAuth.modified', 'Partial', 'Partial.timestamp', 'Code.timestamp'],
  secrets: {
    UserSocialAuth: ['extra_data'],
    Nonce: ['salt'],
    Association: ['secret', 'handle'],
    Code: ['code'],
    Partial: ['token', 'data'],
  },
  kinds: [
    {
      kind: 'social',
      group: 'social',
      model: 'UserSocialAuth',
      user: 'user',
      fields: ['provider', 'uid', 'created', 'modified'],
      describe: ({ provider, uid, created }) => ({ live: true, created, name: `${provider} ${uid}` }),
    },
  ],
  prune: [
    {
      name: 'social',
      commands: ['clearsocial'],
      // Old versions do not say when a row was made: those are kept, as they were then.
      steps: (tables, { now }) => [
        ...(tables.has('Code', 'timestamp')
          ? [
              step(tables, 'Code', [
                ['verified', '=', false],
                ['timestamp', '<', daysBefore(now, codeAge)],
              ]),
            ]
          : []),
        ...(tables.has('Partial', 'timestamp')
          ? [step(tables, 'Partial', [['timestamp', '<', daysBefore(now, codeAge)]])]
          : []),
      ],
    },
  ],
});
