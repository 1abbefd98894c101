import { defineFacts } from '../app-facts.js';
import { days } from '../site.js';

const device = { name: 'phone', confirmed: true, throttling_failure_count: 0 };

export default defineFacts({
  held: (user) => [
    [
      'otp_totp_totpdevice',
      {
        ...device,
        id: user * 10,
        user_id: user,
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
    ['otp_static_staticdevice', { ...device, id: user * 10, user_id: user, name: 'Backup Code' }],
    ['otp_static_statictoken', { token: `secret-bk${user}`, device_id: user * 10 }],
    [
      'otp_email_emaildevice',
      { ...device, user_id: user, confirmed: false, name: 'mail', token: `secret-ml${user}`, valid_until: days(-1) },
    ],
    [
      'otp_hotp_hotpdevice',
      { ...device, id: user * 10, user_id: user, key: `secret-hotp-${user}`, digits: 6, tolerance: 5, counter: 0 },
    ],
  ],
  credentials: ['email unconfirmed', 'hotp live', 'static live', 'totp live'],
  stays: ['hotp live', 'static live', 'totp live'],
});
