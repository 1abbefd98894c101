import { createHash } from 'node:crypto';
import { equalTexts } from '../../../crypto/constant-time.js';
import type { Hasher } from '../hashers/hasher.js';

/** Schemes of LDAP with passlib's names and the sizes of their digests (RFC 2307, section 5.3). */
export const ldapSchemes = [
  { scheme: 'SSHA', algorithm: 'ldap_salted_sha1', digest: 'sha1', size: 20 },
  { scheme: 'SMD5', algorithm: 'ldap_salted_md5', digest: 'md5', size: 16 },
  { scheme: 'SHA', algorithm: 'ldap_sha1', digest: 'sha1', size: 20 },
  { scheme: 'MD5', algorithm: 'ldap_md5', digest: 'md5', size: 16 },
  { scheme: 'SSHA256', algorithm: 'ldap_salted_sha256', digest: 'sha256', size: 32 },
  { scheme: 'SSHA512', algorithm: 'ldap_salted_sha512', digest: 'sha512', size: 64 },
] as const;

/** `ldap_salted_sha1${SSHA}…`: the base64 of a digest of password and salt, and of the salt behind it. */
export const ldapHashers: readonly Hasher[] = ldapSchemes.map(({ scheme, algorithm, digest, size }) => ({
  algorithm,
  open(encoded) {
    const prefix = `${algorithm}$\{${scheme}}`;
    if (!encoded.startsWith(prefix)) return undefined;
    const text = encoded.slice(prefix.length);
    const bytes = Buffer.from(text, 'base64');
    const isSalted = algorithm.startsWith('ldap_salted');
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || (isSalted ? bytes.length < size : bytes.length !== size))
      return undefined;
    const [stored, salt] = [bytes.subarray(0, size), bytes.subarray(size)];
    return {
      outdated: true,
      verify: async (password) =>
        equalTexts(stored.toString('hex'), createHash(digest).update(password).update(salt).digest('hex')),
    };
  },
}));
