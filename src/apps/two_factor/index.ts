import { defineApp } from '../../registry/define.js';
import { defineCredentials } from '../define.js';
import { deviceFields, deviceKind, optionalFields, throttledFields } from '../django_otp/device.js';

const device = { ...deviceFields, ...throttledFields };

/** django-two-factor-auth 1.12 to 1.18 two_factor/plugins/phonenumber and two_factor/plugins/webauthn, both models.py. */
const phone = defineApp({
  label: 'two_factor',
  verboseName: 'Django Two Factor Authentication',
  models: {
    PhoneDevice: {
      fields: {
        ...device,
        number: { type: 'CharField', maxLength: 128 },
        key: { type: 'CharField', maxLength: 40 },
        method: { type: 'CharField', maxLength: 4 },
      },
    },
  },
});

const webauthn = defineApp({
  label: 'two_factor_webauthn',
  verboseName: 'Django Two Factor Authentication - WebAuthn Method',
  models: {
    WebauthnDevice: {
      fields: {
        ...device,
        public_key: { type: 'TextField' },
        key_handle: { type: 'TextField' },
        sign_count: { type: 'IntegerField' },
      },
    },
  },
});

export default [
  defineCredentials({
    package: 'django-two-factor-auth',
    app: phone,
    optional: optionalFields('PhoneDevice'),
    secrets: { PhoneDevice: ['key', 'number'] },
    kinds: [deviceKind('PhoneDevice', 'phone')],
  }),
  defineCredentials({
    package: 'django-two-factor-auth',
    app: webauthn,
    optional: optionalFields('WebauthnDevice'),
    secrets: { WebauthnDevice: ['key_handle', 'public_key'] },
    hashed: ['WebauthnDevice.key_handle', 'WebauthnDevice.public_key'],
    kinds: [deviceKind('WebauthnDevice', 'webauthn')],
  }),
];
