import { createHash } from 'node:crypto';
import { equalTexts } from '../../../crypto/constant-time.js';
import { chooseSalt, type Hasher, isWeakSalt } from './hasher.js';

const hexDigest = (name: 'md5' | 'sha1', text: string) => createHash(name).update(text).digest('hex');

/** `algorithm$salt$hex` of salt and password (Django 5.2 contrib/auth/hashers.py, MD5PasswordHasher). */
function saltedDigest(name: 'md5' | 'sha1', hexLength: number): Required<Hasher> {
  const form = new RegExp(`^${name}\\$([^$]+)\\$[0-9a-f]{${hexLength}}$`);
  const hash = (password: string, salt: string) => `${name}$${salt}$${hexDigest(name, salt + password)}`;
  return {
    algorithm: name,
    encode: async (password, { salt }) => hash(password, chooseSalt(salt)),
    open(encoded) {
      const salt = form.exec(encoded)?.[1];
      if (salt === undefined) return undefined;
      return {
        outdated: isWeakSalt(salt),
        verify: async (password) => equalTexts(encoded, hash(password, salt)),
      };
    },
  };
}

/** Hex digits alone, or behind `algorithm$$`: what Django 1.x wrote and read (Django 4.2 contrib/auth/hashers.py). */
function unsaltedDigest(name: 'md5' | 'sha1', form: RegExp): Hasher {
  return {
    algorithm: `unsalted_${name}`,
    open(encoded) {
      const digest = form.exec(encoded)?.[1];
      if (digest === undefined) return undefined;
      return { outdated: true, verify: async (password) => equalTexts(digest, hexDigest(name, password)) };
    },
  };
}

export const md5: Hasher = saltedDigest('md5', 32);

const { algorithm, open } = saltedDigest('sha1', 40);
/** Only read: Django 5.1 took it away, and its documentation shows it still. */
export const sha1: Hasher = { algorithm, open };

export const unsaltedMd5 = unsaltedDigest('md5', /^(?:md5\$\$)?([0-9a-f]{32})$/);
export const unsaltedSha1 = unsaltedDigest('sha1', /^sha1\$\$([0-9a-f]{40})$/);
