import { defineFacts } from '../app-facts.js';
import { days } from '../site.js';

const tokens = [
  ['live', days(1)],
  ['blacklisted', days(1)],
  ['expired', days(-1)],
] as const;

export default defineFacts({
  held: (user) => [
    ...tokens.map(
      ([jti, expires_at], at) =>
        [
          'token_blacklist_outstandingtoken',
          {
            id: user * 10 + at,
            jti: `${jti}${user}`,
            token: `secret-jwt-${jti}-${user}`,
            created_at: days(-3),
            expires_at,
            user_id: user,
          },
        ] as const,
    ),
    ['token_blacklist_blacklistedtoken', { token_id: user * 10 + 1, blacklisted_at: days(-1) }],
  ],
  credentials: ['jwt blacklisted', 'jwt expired', 'jwt live'],
  ended: ['1 jwt'],
  pruned: { 'jwt token_blacklist_outstandingtoken': 2 },
});
