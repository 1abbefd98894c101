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

const types = ['totp', 'recovery_codes', 'webauthn'] as const;

const kinds = types.map(
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

/** A type that a site or a later version has: allauth asks for a second factor as long as there is any (mfa/adapter.py, is_mfa_enabled). */
const others: CredentialKind = {
  kind: 'authenticator',
  group: 'second_factor',
  model: 'Authenticator',
  user: 'user',
  unless: { type: types },
  fields: ['type', 'created_at', 'last_used_at'],
  describe: ({ type, created_at: created, last_used_at: lastUsed }) => ({
    live: true,
    created,
    lastUsed,
    name: String(type),
  }),
};

export const mfa = defineCredentials({
  package: 'django-allauth',
  app,
  optional: ['Authenticator.created_at', 'Authenticator.last_used_at'],
  secrets: { Authenticator: ['data'] },
  kinds: [...kinds, others],
});
