import { defineApp } from '../../registry/define.js';
import type { FieldDefinition } from '../../registry/types.js';
import { defineCredentials } from '../define.js';
import { deviceKind, optionalFields } from '../django_otp/device.js';

const device: Readonly<Record<string, FieldDefinition>> = {
  id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
  user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE' },
  name: { type: 'CharField', maxLength: 64 },
  confirmed: { type: 'BooleanField', default: { value: true } },
  throttling_failure_timestamp: { type: 'DateTimeField', null: true, blank: true, default: { value: null } },
  throttling_failure_count: { type: 'PositiveIntegerField', default: { value: 0 } },
  created_at: { type: 'DateTimeField', null: true, blank: true, default: { computed: 'now' } },
  last_used_at: { type: 'DateTimeField', null: true, blank: true },
};

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
