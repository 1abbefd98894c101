import { defineFacts } from '../app-facts.js';
import { days } from '../site.js';

export default defineFacts({
  held: (user) => [['authtoken_token', { key: `secret-authtoken-${user}`, user_id: user, created: days(-3) }]],
  credentials: ['authtoken live'],
  ended: ['1 authtoken'],
});
