import { defineApp } from '../../registry/define.js';
import { defineCredentials } from '../define.js';
import { deviceFields, deviceKind, optionalFields, throttledFields } from './device.js';

/** django-otp 0.7 to 1.7 django_otp/plugins/otp_email/models.py: `key` until 0.8. */
const app = defineApp({
  label: 'otp_email',
  verboseName: 'Otp_Email',
  models: {
    EmailDevice: {
      fields: {
        ...deviceFields,
        key: { type: 'CharField', maxLength: 80 },
        token: { type: 'CharField', maxLength: 16, null: true, blank: true },
        valid_until: { type: 'DateTimeField', default: { computed: 'now' } },
        last_generated_timestamp: { type: 'DateTimeField', null: true, blank: true },
        ...throttledFields,
        email: { type: 'CharField', maxLength: 254, null: true, blank: true },
      },
    },
  },
});

export const otpEmail = defineCredentials({
  package: 'django-otp',
  app,
  optional: [
    ...optionalFields('EmailDevice'),
    'EmailDevice.key',
    'EmailDevice.token',
    'EmailDevice.valid_until',
    'EmailDevice.email',
    'EmailDevice.last_generated_timestamp',
  ],
  secrets: { EmailDevice: ['key', 'token'] },
  kinds: [deviceKind('EmailDevice', 'email')],
});
