import { createHmac, hash } from 'node:crypto';
import { equalTexts } from '../constant-time.js';
import { deriveKey } from '../salted-hmac.js';

/** Signs and verifies for one purpose, with the keys derived once (Django 5.2 core/signing.py, Signer). */
export interface Signer {
  /** The signature of `value` with the current key, in base64 for URLs. */
  sign(value: string): string;
  /** Which key `signature` was made with: 0 the current one, 1 and so on the fallbacks, null none of them. */
  verify(value: string, signature: string): number | null;
}

/**
 * `keys` has the current key first, then the fallbacks. With `legacySha1`, signatures of Django 3.0 and older are verified, too.
 */
export function createSigner(
  keys: readonly [string, ...string[]],
  salt: string,
  { legacySha1 = false }: { readonly legacySha1?: boolean | undefined } = {},
): Signer {
  const signWith = (key: string) => createHmacSha256(deriveKey(`${salt}signer`, key).export());
  const [current, ...fallbacks] = keys;
  const sign = signWith(current);
  const signatures = [sign, ...fallbacks.map(signWith)];
  const legacy = legacySha1 ? keys.map((key) => createHmacSha1(`${salt}signer`, key)) : [];
  return {
    sign,
    verify(value, claimed) {
      const made = isSha1Signature(claimed) ? legacy : signatures;
      const index = made.findIndex((signature) => equalTexts(signature(value), claimed));
      return index < 0 ? null : index;
    },
  };
}

/** Whether a signature is as long as those of Django 3.0 and older, which signed with SHA-1. */
export const isSha1Signature = (signature: string): boolean => signature.length === 27;

/** Django 3.0 core/signing.py and utils/crypto.py. */
function createHmacSha1(salt: string, secretKey: string): (text: string) => string {
  const key = deriveKey(salt, secretKey, 'sha1');
  return (text) => createHmac('sha1', key).update(text).digest('base64url');
}

const blockSize = 64;
const hashSize = 32;

/**
 * HMAC-SHA256 in base64 for URLs, with a key of no more than 64 bytes (RFC 2104). Two plain hashes take half the time of
 * the object that `createHmac` makes for each text.
 */
function createHmacSha256(key: Buffer): (text: string) => string {
  let inner = Buffer.alloc(blockSize + 1024, 0x36);
  const outer = Buffer.alloc(blockSize + hashSize, 0x5c);
  for (const [at, byte] of key.entries()) {
    inner[at] = byte ^ 0x36;
    outer[at] = byte ^ 0x5c;
  }
  return (text) => {
    const end = blockSize + Buffer.byteLength(text);
    if (end > inner.length) inner = Buffer.concat([inner], end);
    inner.write(text, blockSize);
    hash('sha256', inner.subarray(0, end), 'buffer').copy(outer, blockSize);
    return hash('sha256', outer, 'base64url');
  };
}
