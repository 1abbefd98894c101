import { defineFacts } from '../app-facts.js';

const device = { name: 'default', confirmed: true, throttling_failure_count: 0 };

export default defineFacts({
  held: (user) => [
    [
      'two_factor_phonedevice',
      { ...device, id: user * 10, user_id: user, number: `secret-${user}`, key: `secret-sms-${user}`, method: 'sms' },
    ],
    [
      'two_factor_webauthn_webauthndevice',
      {
        ...device,
        id: user * 10,
        user_id: user,
        public_key: `secret-public-${user}`,
        key_handle: `secret-handle-${user}`,
        sign_count: 0,
      },
    ],
  ],
  credentials: ['phone live', 'webauthn live'],
  stays: ['phone live', 'webauthn live'],
});
