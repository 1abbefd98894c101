import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** The hash functions that Django has signed with: SHA-1 until 3.0, SHA-256 since. */
export type HmacAlgorithm = 'sha1' | 'sha256';

/**
 * The key that Django signs with for one purpose: the hash of the purpose's salt and the secret key. Deriving it costs as
 * much as a signature, so whoever signs or verifies many texts keeps it (Django 5.2 utils/crypto.py, salted_hmac).
 */
export function deriveKey(salt: string, secretKey: string, algorithm: HmacAlgorithm = 'sha256'): KeyObject {
  return createSecretKey(createHash(algorithm).update(salt).update(secretKey).digest());
}

/** HMAC of `value` in hexadecimal, under the key derived from `salt` and `secretKey` (Django's `salted_hmac`). */
export function saltedHmac(
  salt: string,
  value: string,
  secretKey: string,
  algorithm: HmacAlgorithm = 'sha256',
): string {
  return createHmac(algorithm, deriveKey(salt, secretKey, algorithm))
    .update(value)
    .digest('hex');
}
