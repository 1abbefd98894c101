import { createHmac, type KeyObject } from 'node:crypto';
import { equalTexts } from '../auth/equal-texts.js';
import { deriveKey } from '../auth/salted-hmac.js';

/** Signs and verifies for one purpose, with the keys derived once (Django 5.2 core/signing.py, Signer). */
export interface Signer {
  /** The signature of `value` with the current key, in base64 for URLs. */
  sign(value: string): string;
  /** Which key `signature` was made with: 0 the current one, 1 and so on the fallbacks, null none of them. */
  verify(value: string, signature: string): number | null;
}

/** `keys` has the current key first, then the fallbacks. */
export function createSigner(keys: readonly [string, ...string[]], salt: string): Signer {
  const [current, ...fallbacks] = keys.map((key) => deriveKey(`${salt}signer`, key)) as [KeyObject, ...KeyObject[]];
  const signature = (key: KeyObject, value: string) => createHmac('sha256', key).update(value).digest('base64url');
  return {
    sign: (value) => signature(current, value),
    verify(value, claimed) {
      const index = [current, ...fallbacks].findIndex((key) => equalTexts(signature(key, value), claimed));
      return index < 0 ? null : index;
    },
  };
}
