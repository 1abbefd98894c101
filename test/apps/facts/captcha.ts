import { defineFacts } from '../app-facts.js';
import { days } from '../site.js';

export default defineFacts({
  shared: [days(1), days(-1)].map((expiration, id) => [
    'captcha_captchastore',
    { id, challenge: `secret-${id}`, response: `secret-r${id}`, hashkey: `secret-h${id}`, expiration },
  ]),
  pruned: { 'captcha captcha_captchastore': 1 },
});
