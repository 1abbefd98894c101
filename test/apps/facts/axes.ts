import { defineFacts } from '../app-facts.js';
import { days, type Values } from '../site.js';

const attempt = (username: string): Values => ({
  user_agent: 'curl',
  ip_address: '198.51.100.9',
  username,
  http_accept: '*/*',
  path_info: '/login/',
  attempt_time: days(-1),
});
const nameOf = (user: number) => (user === 1 ? 'alice' : 'bob');

export default defineFacts({
  shared: [['axes_accesslog', { ...attempt('x'), attempt_time: days(-30) }]],
  held: (user) => [
    ['axes_accessattempt', { ...attempt(nameOf(user)), get_data: '', post_data: '', failures_since_start: 5 }],
    ['axes_accesslog', attempt(nameOf(user))],
  ],
  pruned: { 'axes axes_accesslog': 1 },
});
