import { defineApp } from '../../registry/define.js';
import { defineCredentials } from '../define.js';
import { deviceFields, deviceKind, optionalFields, throttledFields } from './device.js';

/** django-otp 0.7 to 1.7 django_otp/plugins/otp_totp/models.py. */
const app = defineApp({
  label: 'otp_totp',
  verboseName: 'Otp_Totp',
  models: {
    TOTPDevice: {
      verboseName: 'TOTP device',
      fields: {
        ...deviceFields,
        ...throttledFields,
        key: { type: 'CharField', maxLength: 80 },
        step: { type: 'PositiveSmallIntegerField', default: { value: 30 } },
        t0: { type: 'BigIntegerField', default: { value: 0 } },
        digits: { type: 'PositiveSmallIntegerField', default: { value: 6 } },
        tolerance: { type: 'PositiveSmallIntegerField', default: { value: 1 } },
        drift: { type: 'SmallIntegerField', default: { value: 0 } },
        last_t: { type: 'BigIntegerField', default: { value: -1 } },
      },
    },
  },
});

export const otpTotp = defineCredentials({
  package: 'django-otp',
  app,
  optional: optionalFields('TOTPDevice'),
  secrets: { TOTPDevice: ['key'] },
  kinds: [deviceKind('TOTPDevice', 'totp')],
});
