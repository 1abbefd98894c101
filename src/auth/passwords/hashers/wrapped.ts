import { createHash, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { equalTexts } from '../../../crypto/constant-time.js';
import type { Hasher } from './hasher.js';

const derive = promisify(pbkdf2);
const defaultIterations = 1_000_000;
const mostIterations = 10_000_000;

const wrap = async (algorithm: string, digest: string, salt: string, iterations: number): Promise<string> => {
  const key = await derive(digest, salt, iterations, 32, 'sha256');
  return `${algorithm}$${iterations}$${salt}$${key.toString('base64')}`;
};

/**
 * PBKDF2 of an old digest, with its salt: how Django's documentation keeps weak hashes from being found out without anybody
 * logging in (docs/topics/auth/passwords.txt, "Password upgrading without requiring a login").
 */
function wrapped(inner: 'md5' | 'sha1'): Hasher {
  const algorithm = `pbkdf2_wrapped_${inner}`;
  const form = new RegExp(`^${algorithm}\\$([1-9][0-9]{0,7})\\$([^$]*)\\$[A-Za-z0-9+/=]{44}$`);
  return {
    algorithm,
    open(encoded) {
      const [, digits, salt] = form.exec(encoded) ?? [];
      const iterations = Number(digits);
      if (salt === undefined || iterations > mostIterations) return undefined;
      return {
        outdated: true,
        async verify(password) {
          const digest = createHash(inner)
            .update(salt + password)
            .digest('hex');
          return equalTexts(encoded, await wrap(algorithm, digest, salt, iterations));
        },
      };
    },
  };
}

export const wrappedMd5 = wrapped('md5');
export const wrappedSha1 = wrapped('sha1');

/** A salted or unsalted MD5 or SHA1 of Django, wrapped; undefined for any other hash. */
export async function wrapHash(encoded: string, iterations = defaultIterations): Promise<string | undefined> {
  const [, name, salt = '', digest] = /^(?:(md5|sha1)\$([^$]*)\$)?([0-9a-f]{32}|[0-9a-f]{40})$/.exec(encoded) ?? [];
  if (digest === undefined) return undefined;
  const inner = name ?? (digest.length === 32 ? 'md5' : 'sha1');
  if (digest.length !== (inner === 'md5' ? 32 : 40)) return undefined;
  return wrap(`pbkdf2_wrapped_${inner}`, digest, salt, iterations);
}

/** The names of the classes in {@link wrappedPython} that a site's PASSWORD_HASHERS needs. */
export const wrappedHashers = ['PBKDF2WrappedMD5PasswordHasher', 'PBKDF2WrappedSHA1PasswordHasher'];

/** The hashers as Django's documentation writes them, for a site whose hashes were wrapped. */
export const wrappedPython = `import base64
import hashlib

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.utils.crypto import constant_time_compare


class PBKDF2WrappedPasswordHasher(PBKDF2PasswordHasher):
    inner = ""

    def encode_wrapped(self, digest, salt, iterations=None):
        return super().encode(digest, salt, iterations)

    def encode(self, password, salt, iterations=None):
        digest = getattr(hashlib, self.inner)((salt + password).encode()).hexdigest()
        return self.encode_wrapped(digest, salt, iterations)

    def verify(self, password, encoded):
        algorithm, iterations, salt, stored = encoded.split("$", 3)
        digest = getattr(hashlib, self.inner)((salt + password).encode()).hexdigest()
        made = hashlib.pbkdf2_hmac("sha256", digest.encode(), salt.encode(), int(iterations))
        return constant_time_compare(stored, base64.b64encode(made).decode())

    def must_update(self, encoded):
        return True


class PBKDF2WrappedMD5PasswordHasher(PBKDF2WrappedPasswordHasher):
    algorithm = "pbkdf2_wrapped_md5"
    inner = "md5"


class PBKDF2WrappedSHA1PasswordHasher(PBKDF2WrappedPasswordHasher):
    algorithm = "pbkdf2_wrapped_sha1"
    inner = "sha1"
`;
