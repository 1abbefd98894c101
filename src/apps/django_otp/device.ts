import type { CredentialKind } from '../define.js';

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
