import { defineApp } from '../../registry/define.js';
import { type CredentialKind, defineCredentials } from '../define.js';

/** django-allauth 0.58 to 65 allauth/mfa/models.py. */
const app = defineApp({
  label: 'mfa',
  verboseName: 'MFA',
  models: {
    Authenticator: {
      fields: {
        id: { type: 'BigAutoField', primaryKey: true, verboseName: 'ID' },
        user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE' },
        type: { type: 'CharField', maxLength: 20 },
        data: { type: 'JSONField' },
        created_at: { type: 'DateTimeField', default: { computed: 'now' } },
        last_used_at: { type: 'DateTimeField', null: true },
      },
    },
  },
});

const kinds = (['totp', 'recovery_codes', 'webauthn'] as const).map(
  (type): CredentialKind => ({
    kind: type,
    group: 'second_factor',
    model: 'Authenticator',
    user: 'user',
    where: { type },
    ...(type === 'recovery_codes' ? { backup: true } : {}),
    fields: ['created_at', 'last_used_at'],
    describe: ({ created_at: created, last_used_at: lastUsed }) => ({ live: true, created, lastUsed }),
  }),
);

export const mfa = defineCredentials({
  package: 'django-allauth',
  app,
  optional: ['Authenticator.created_at', 'Authenticator.last_used_at'],
  secrets: { Authenticator: ['data'] },
  kinds,
});
