import type { FieldDefinition } from '../../registry/types.js';
import type { CredentialKind } from '../define.js';

/** What every device begins with (django_otp/models.py, Device). */
export const deviceFields: Readonly<Record<string, FieldDefinition>> = {
  id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
  user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE' },
  name: { type: 'CharField', maxLength: 64 },
  confirmed: { type: 'BooleanField', default: { value: true } },
};

/** What those have that are throttled and tell when they were used (ThrottlingMixin and TimestampMixin). */
export const throttledFields: Readonly<Record<string, FieldDefinition>> = {
  throttling_failure_timestamp: { type: 'DateTimeField', null: true, blank: true, default: { value: null } },
  throttling_failure_count: { type: 'PositiveIntegerField', default: { value: 0 } },
  created_at: { type: 'DateTimeField', null: true, blank: true, default: { computed: 'now' } },
  last_used_at: { type: 'DateTimeField', null: true, blank: true },
};

/** Fields that the devices of older versions do not have: throttling came with 0.7, times with 1.4. */
export const optionalFields = (model: string): string[] =>
  ['throttling_failure_timestamp', 'throttling_failure_count', 'created_at', 'last_used_at'].map(
    (field) => `${model}.${field}`,
  );

/** A device, as all of them are (django_otp/models.py, Device): one that is not confirmed is a set-up that nobody finished. */
export function deviceKind(model: string, kind: string): CredentialKind {
  return {
    kind,
    group: 'second_factor',
    model,
    user: 'user',
    fields: ['name', 'confirmed', 'created_at', 'last_used_at', 'throttling_failure_count'],
    describe: ({ name, confirmed, created_at: created, last_used_at: lastUsed, codes }) => ({
      live: confirmed === true && codes !== 0,
      state: confirmed === true ? 'used up' : 'unconfirmed',
      created,
      lastUsed,
      name: codes === undefined ? String(name) : `${name} (${codes} codes)`,
    }),
  };
}
