import { createHmac } from 'node:crypto';
import { decodeBase64 } from '../../crypto/base64url.js';
import { equalTexts } from '../../crypto/constant-time.js';
import { deriveKey } from '../../crypto/salted-hmac.js';
import { BadSignature } from '../../crypto/signing/bad-signature.js';

/** What the legacy format holds: the data as its serializer wrote it, and an HMAC in hexadecimal. */
export interface LegacySession {
  readonly bytes: Buffer;
  readonly hash: string;
}

/** Which key made the hash: 0 the current one, 1 and so on the fallbacks, null none of them. */
export type LegacyVerifier = (bytes: Buffer, hash: string) => number | null;

/**
 * Takes apart what Django 1.4 to 3.0 wrote: base64 of `hash:data` (Django 3.0 contrib/sessions/backends/base.py).
 *
 * @throws BadSignature for anything else.
 */
export function decodeLegacy(text: string): LegacySession {
  const whole = decodeBase64(text);
  const hash = whole.subarray(0, hashLength).toString('latin1');
  if (!/^[0-9a-f]{40}$/.test(hash) || whole[hashLength] !== 0x3a) {
    throw new BadSignature('The text is not a session: neither data:time:signature nor base64 of hash:data.');
  }
  return { bytes: whole.subarray(hashLength + 1), hash };
}

/** The salt is Django's module and class name, without a dot between them (Django 3.0, SessionBase._hash). */
export function createLegacyVerifier(keys: readonly string[]): LegacyVerifier {
  const derived = keys.map((key) => deriveKey('django.contrib.sessionsSessionStore', key, 'sha1'));
  return (bytes, hash) => {
    const index = derived.findIndex((key) => equalTexts(createHmac('sha1', key).update(bytes).digest('hex'), hash));
    return index < 0 ? null : index;
  };
}

const hashLength = 40;
