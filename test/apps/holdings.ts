import { type AppsSite, days, type Values } from './site.js';

/** Rows that a user holds in the tables of every app that the site has, by table. Secrets have `secret` in them. */
export function holdings(user: number): readonly (readonly [table: string, values: Values])[] {
  const device = { name: 'phone', confirmed: true, user_id: user, throttling_failure_count: 0 };
  const key = user * 10;
  const oauth = { created: days(-9), updated: days(-9), application_id: 1, user_id: user };
  const access = { ...oauth, scope: 'read' };
  return [
    ['authtoken_token', { key: `secret-authtoken-${user}`, user_id: user, created: days(-3) }],
    ...[
      ['live', days(1)],
      ['blacklisted', days(1)],
      ['expired', days(-1)],
    ].map(([jti = '', expires_at = ''], at): readonly [string, Values] => [
      'token_blacklist_outstandingtoken',
      {
        id: key + at,
        jti: `${jti}${user}`,
        token: `secret-jwt-${jti}-${user}`,
        created_at: days(-3),
        expires_at,
        user_id: user,
      },
    ]),
    ['token_blacklist_blacklistedtoken', { token_id: key + 1, blacklisted_at: days(-1) }],
    [
      'oauth2_provider_accesstoken',
      { ...access, id: key, token: `secret-access-${user}`, token_checksum: `a${user}`, expires: days(1) },
    ],
    [
      'oauth2_provider_accesstoken',
      { ...access, id: key + 1, token: `secret-old-${user}`, token_checksum: `b${user}`, expires: days(-40) },
    ],
    [
      'oauth2_provider_refreshtoken',
      { ...oauth, id: key, token: `secret-refresh-${user}`, access_token_id: key, revoked: null },
    ],
    [
      'oauth2_provider_refreshtoken',
      { ...oauth, id: key + 1, token: `secret-over-${user}`, access_token_id: null, revoked: days(-39) },
    ],
    [
      'oauth2_provider_grant',
      {
        ...access,
        code: `secret-code-${user}`,
        expires: days(-1),
        redirect_uri: '',
        code_challenge: '',
        code_challenge_method: '',
        nonce: '',
        claims: '',
      },
    ],
    [
      'otp_totp_totpdevice',
      {
        ...device,
        id: key,
        key: `secret${user}`,
        step: 30,
        t0: 0,
        digits: 6,
        tolerance: 1,
        drift: 0,
        last_t: -1,
        last_used_at: days(-2),
      },
    ],
    ['otp_static_staticdevice', { ...device, id: key, name: 'Backup Code' }],
    ['otp_static_statictoken', { token: `secret-bk${user}`, device_id: key }],
    ['otp_email_emaildevice', { ...device, confirmed: false, name: 'mail', valid_until: days(-1) }],
    ['mfa_authenticator', { type: 'totp', data: `{"secret": "secret${user}"}`, user_id: user, created_at: days(-5) }],
    [
      'mfa_authenticator',
      {
        type: 'recovery_codes',
        data: `{"seed": "secret${user}"}`,
        user_id: user,
        created_at: days(-5),
        last_used_at: days(-4),
      },
    ],
    [
      'mfa_authenticator',
      { type: 'webauthn', data: `{"credential": "secret${user}"}`, user_id: user, created_at: days(-5) },
    ],
    [
      'socialaccount_socialaccount',
      {
        id: key,
        provider: 'github',
        uid: `90${user}`,
        last_login: days(-6),
        date_joined: days(-60),
        user_id: user,
        extra_data: `{"token": "secret${user}"}`,
      },
    ],
    ['socialaccount_socialtoken', { account_id: key, token: `secret-gho-${user}`, token_secret: '' }],
    [
      'social_auth_usersocialauth',
      {
        provider: 'google-oauth2',
        uid: `pia${user}`,
        user_id: user,
        created: days(-70),
        modified: days(-7),
        extra_data: `{"access_token": "secret${user}"}`,
      },
    ],
    [
      'usersessions_usersession',
      {
        created_at: days(-1),
        ip: '203.0.113.7',
        last_seen_at: days(0),
        session_key: sessionKey(user),
        user_agent: 'Firefox',
        data: '{}',
        user_id: user,
      },
    ],
    [
      'account_emailaddress',
      { id: key, email: `user${user}@example.org`, verified: false, primary: true, user_id: user },
    ],
    [
      'account_emailconfirmation',
      { created: days(-9), sent: days(-9), key: `secret-confirm-${user}`, email_address_id: key },
    ],
    ['axes_accessattempt', { ...attempt(user), get_data: '', post_data: '', failures_since_start: 5 }],
    ['axes_accesslog', attempt(user)],
    ['auth_user_groups', { user_id: user, group_id: 1 }],
    ['auth_user_user_permissions', { user_id: user, permission_id: 1 }],
    ['guardian_userobjectpermission', { object_pk: '1', content_type_id: 1, permission_id: 1, user_id: user }],
    ['reversion_revision', { date_created: days(-400), comment: '', user_id: user }],
    [
      'auditlog_logentry',
      {
        object_pk: String(user),
        object_repr: 'x',
        action: 1,
        timestamp: days(-400),
        actor_id: user,
        content_type_id: 1,
        changes_text: '',
      },
    ],
  ];
}

const attempt = (user: number): Values => ({
  user_agent: 'curl',
  ip_address: '198.51.100.9',
  username: user === 1 ? 'alice' : 'bob',
  http_accept: '*/*',
  path_info: '/login/',
  attempt_time: days(-1),
});

export const sessionKey = (user: number) => `sessionkeyofuser${user}`.padEnd(32, 'x');

/** Gives alice and bob something in every table, and an OAuth application to alice. */
export async function fill(db: AppsSite): Promise<void> {
  await db.add('django_content_type', { id: 1, app_label: 'auth', model: 'group' });
  await db.add('auth_permission', { id: 1, content_type_id: 1, codename: 'change_group', name: 'Can change group' });
  await db.add('auth_group', { id: 1, name: 'Editors' });
  await db.add('oauth2_provider_application', {
    id: 1,
    client_id: 'portal',
    redirect_uris: '',
    client_type: 'confidential',
    authorization_grant_type: 'authorization-code',
    client_secret: 'secret-client',
    name: 'Portal',
    user_id: 1,
    skip_authorization: false,
    created: days(-100),
    updated: days(-100),
    algorithm: '',
    post_logout_redirect_uris: '',
    hash_client_secret: true,
    allowed_origins: '',
  });
  for (const user of [1, 2]) for (const [table, values] of holdings(user)) await db.add(table, values);
}
