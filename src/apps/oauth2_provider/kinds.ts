import { createHash } from 'node:crypto';
import type { Row } from '../../db/write/rows.js';
import { type CredentialKind, isPast } from '../define.js';

const named = (application: unknown) => (application === null || application === '' ? undefined : String(application));

/** What `token_checksum` holds: tokens may be too long for an index. */
const tokenChecksum = (token: string) => createHash('sha256').update(token).digest('hex');

/** What access tokens and grants have in common. */
const untilItExpires = {
  group: 'token',
  user: 'user',
  fields: ['created', 'expires'],
  paths: { application_name: 'application__name' },
  inactiveToo: true,
  describe: ({ created, expires, application_name: name }, now) => ({
    live: !isPast(expires, now),
    state: 'expired',
    created,
    expires,
    name: named(name),
  }),
} satisfies Partial<CredentialKind>;

/** What lets a user in: oauth2_provider/oauth2_validators.py looks at no user of a token, active or not. */
export const kinds: readonly CredentialKind[] = [
  {
    kind: 'oauth2_refresh',
    group: 'token',
    model: 'RefreshToken',
    user: 'user',
    fields: ['created', 'revoked'],
    paths: { application_name: 'application__name' },
    // oauth2_provider/oauth2_validators.py looks at the user of neither kind of token.
    inactiveToo: true,
    describe: ({ created, revoked, application_name: name }, now) => ({
      // It may be revoked from a moment on that is to come.
      live: !isPast(revoked, now),
      state: 'revoked',
      created,
      name: named(name),
    }),
    recognise: (token) => ({ token }),
  },
  {
    kind: 'oauth2_access',
    ...untilItExpires,
    model: 'AccessToken',
    recognise: (token, tables): Row =>
      tables.has('AccessToken', 'token_checksum') ? { token_checksum: tokenChecksum(token) } : { token },
  },
  {
    kind: 'oauth2_grant',
    ...untilItExpires,
    model: 'Grant',
  },
  {
    kind: 'oauth2_id_token',
    group: 'token',
    model: 'IDToken',
    user: 'user',
    fields: ['created', 'expires', 'jti'],
    inactiveToo: true,
    describe: ({ created, expires, jti }, now) => ({
      live: !isPast(expires, now),
      state: 'expired',
      created,
      expires,
      name: String(jti),
    }),
  },
  {
    kind: 'oauth2_device',
    group: 'token',
    model: 'DeviceGrant',
    user: 'user',
    fields: ['expires', 'status', 'last_checked'],
    inactiveToo: true,
    describe: ({ expires, status, last_checked: lastUsed }, now) => ({
      live: status === 'authorized' && !isPast(expires, now),
      state: isPast(expires, now) ? 'expired' : String(status),
      expires,
      lastUsed,
    }),
  },
  {
    kind: 'oauth2_application',
    group: 'application',
    model: 'Application',
    user: 'user',
    fields: ['created', 'name', 'client_id'],
    inactiveToo: true,
    describe: ({ created, name, client_id: id }) => ({ live: true, created, name: named(name) ?? String(id) }),
  },
];
