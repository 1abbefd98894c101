import { defineFacts } from '../app-facts.js';
import { days } from '../site.js';

export default defineFacts({
  held: (user) =>
    [days(3), days(-3)].map((expire_date, at) => [
      'user_sessions_session',
      {
        session_key: `u${at}user${user}xxxxsecret-${user}`,
        session_data: `secret-data-${user}`,
        expire_date,
        last_activity: days(-4),
        user_id: user,
        ip: '203.0.113.7',
        user_agent: 'Firefox',
      },
    ]),
  credentials: ['session expired', 'session live'],
  ended: ['2 session'],
  pruned: { 'sessions user_sessions_session': 2 },
});
