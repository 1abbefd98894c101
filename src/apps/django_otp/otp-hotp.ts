import { defineApp } from '../../registry/define.js';
import { defineCredentials } from '../define.js';
import { deviceKind, optionalFields } from './device.js';

/** django-otp 0.7 to 1.7 django_otp/plugins/otp_hotp/models.py. */
const app = defineApp({
  label: 'otp_hotp',
  verboseName: 'Otp_Hotp',
  models: {
    HOTPDevice: {
      verboseName: 'HOTP device',
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE' },
        name: { type: 'CharField', maxLength: 64 },
        confirmed: { type: 'BooleanField', default: { value: true } },
        throttling_failure_timestamp: { type: 'DateTimeField', null: true, blank: true, default: { value: null } },
        throttling_failure_count: { type: 'PositiveIntegerField', default: { value: 0 } },
        created_at: { type: 'DateTimeField', null: true, blank: true, default: { computed: 'now' } },
        last_used_at: { type: 'DateTimeField', null: true, blank: true },
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
