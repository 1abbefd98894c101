import { defineApp } from '../../registry/define.js';
import { defineCredentials } from '../define.js';
import { deviceKind, optionalFields } from './device.js';

/** django-otp 0.7 to 1.7 django_otp/plugins/otp_totp/models.py. */
const app = defineApp({
  label: 'otp_totp',
  verboseName: 'Otp_Totp',
  models: {
    TOTPDevice: {
      verboseName: 'TOTP device',
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
