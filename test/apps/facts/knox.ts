import { defineFacts } from '../app-facts.js';
import { days } from '../site.js';

export default defineFacts({
  held: (user) => [
    [
      'knox_authtoken',
      { digest: `secret-knox-${user}`, token_key: `k${user}`, user_id: user, created: days(-9), expiry: days(1) },
    ],
    [
      'knox_authtoken',
      { digest: `secret-gone-${user}`, token_key: `g${user}`, user_id: user, created: days(-9), expiry: days(-1) },
    ],
  ],
  credentials: ['knox expired', 'knox live'],
  ended: ['2 knox'],
  pruned: { 'knox knox_authtoken': 2 },
});
