import { hash } from 'node:crypto';
import { equalTexts } from '../constant-time.js';
import { deriveKey } from '../salted-hmac.js';

/** Signs and verifies for one purpose, with the keys derived once (Django 5.2 core/signing.py, Signer). */
export interface Signer {
  /** The signature of `value` with the current key, in base64 for URLs. */
  sign(value: string): string;
  /** Which key `signature` was made with: 0 the current one, 1 and so on the fallbacks, null none of them. */
  verify(value: string, signature: string): number | null;
}

/** `keys` has the current key first, then the fallbacks. */
export function createSigner(keys: readonly [string, ...string[]], salt: string): Signer {
  const signWith = (key: string) => createHmacSha256(deriveKey(`${salt}signer`, key).export());
  const [current, ...fallbacks] = keys;
  const sign = signWith(current);
  const signatures = [sign, ...fallbacks.map(signWith)];
  return {
    sign,
    verify(value, claimed) {
      const index = signatures.findIndex((signature) => equalTexts(signature(value), claimed));
      return index < 0 ? null : index;
    },
  };
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
