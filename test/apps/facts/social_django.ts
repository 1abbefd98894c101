import { defineFacts } from '../app-facts.js';
import { days } from '../site.js';

const codes = [
  [days(-15), false],
  [days(-15), true],
  [days(-13), false],
] as const;

export default defineFacts({
  shared: [
    ...codes.map(
      ([timestamp, verified], index) =>
        ['social_auth_code', { email: 'x@example.org', code: `secret-${index}`, verified, timestamp }] as const,
    ),
    [
      'social_auth_partial',
      { token: 'secret-partial-1', next_step: 0, backend: 'x', data: '{}', timestamp: days(-15) },
    ],
  ],
  held: (user) => [
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
  ],
  credentials: ['social live'],
  stays: ['social live'],
  pruned: { 'social social_auth_code': 1, 'social social_auth_partial': 1 },
});
