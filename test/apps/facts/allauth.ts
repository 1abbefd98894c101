import { defineFacts, sessionKey } from '../app-facts.js';
import { days } from '../site.js';

export default defineFacts({
  held: (user) => [
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
    // Of no type that allauth has today.
    ['mfa_authenticator', { type: 'sms', data: `{"phone": "secret${user}"}`, user_id: user, created_at: days(-5) }],
    [
      'socialaccount_socialaccount',
      {
        id: user * 10,
        provider: 'github',
        uid: `90${user}`,
        last_login: days(-6),
        date_joined: days(-60),
        user_id: user,
        extra_data: `{"token": "secret${user}"}`,
      },
    ],
    ['socialaccount_socialtoken', { account_id: user * 10, token: `secret-gho-${user}`, token_secret: '' }],
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
      { id: user * 10, email: `user${user}@example.org`, verified: false, primary: true, user_id: user },
    ],
    [
      'account_emailconfirmation',
      { created: days(-9), sent: days(-9), key: `secret-confirm-${user}`, email_address_id: user * 10 },
    ],
  ],
  credentials: ['authenticator live', 'recovery_codes live', 'social live', 'totp live', 'webauthn live'],
  stays: ['authenticator live', 'recovery_codes live', 'social live', 'totp live', 'webauthn live'],
  pruned: { 'emailconfirmations account_emailconfirmation': 2 },
});
