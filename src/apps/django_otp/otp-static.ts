import { defineApp } from '../../registry/define.js';
import { defineCredentials } from '../define.js';
import { deviceFields, deviceKind, optionalFields, throttledFields } from './device.js';

/** django-otp 0.7 to 1.7 django_otp/plugins/otp_static/models.py. */
const app = defineApp({
  label: 'otp_static',
  verboseName: 'Otp_Static',
  models: {
    StaticDevice: {
      fields: {
        ...deviceFields,
        ...throttledFields,
      },
    },
    StaticToken: {
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        device: { type: 'ForeignKey', to: 'otp_static.staticdevice', onDelete: 'CASCADE' },
        token: { type: 'CharField', maxLength: 16, dbIndex: true },
      },
    },
  },
});

export const otpStatic = defineCredentials({
  package: 'django-otp',
  app,
  optional: optionalFields('StaticDevice'),
  secrets: { StaticToken: ['token'] },
  kinds: [{ ...deviceKind('StaticDevice', 'static'), backup: true, counts: { codes: ['StaticToken', 'device'] } }],
});
