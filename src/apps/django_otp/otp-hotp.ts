import { defineApp } from '../../registry/define.js';
import { defineCredentials } from '../define.js';
import { deviceFields, deviceKind, optionalFields, throttledFields } from './device.js';

/** django-otp 0.7 to 1.7 django_otp/plugins/otp_hotp/models.py. */
const app = defineApp({
  label: 'otp_hotp',
  verboseName: 'Otp_Hotp',
  models: {
    HOTPDevice: {
      verboseName: 'HOTP device',
      fields: {
        ...deviceFields,
        ...throttledFields,
        key: { type: 'CharField', maxLength: 80 },
        digits: { type: 'PositiveSmallIntegerField', default: { value: 6 } },
        tolerance: { type: 'PositiveSmallIntegerField', default: { value: 5 } },
        counter: { type: 'BigIntegerField', default: { value: 0 } },
      },
    },
  },
});

export const otpHotp = defineCredentials({
  package: 'django-otp',
  app,
  optional: optionalFields('HOTPDevice'),
  secrets: { HOTPDevice: ['key'] },
  kinds: [deviceKind('HOTPDevice', 'hotp')],
});
