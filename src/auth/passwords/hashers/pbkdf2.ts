import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { equalTexts } from '../../../crypto/constant-time.js';
import { CommandError } from '../../../errors.js';
import { chooseSalt, type Hasher, isWeakSalt } from './hasher.js';

const derive = promisify(pbkdf2);

/** Rounds that Django 5.2 writes. */
export const defaultIterations = 1_000_000;
/** Some three seconds; the rounds of no release of Django are near it. */
const maxIterations = 10_000_000;

/** `algorithm$rounds$salt$base64` (Django 5.2 contrib/auth/hashers.py, PBKDF2PasswordHasher). */
function pbkdf2Hasher(algorithm: string, digest: string, length: number): Hasher {
  const base64Length = Math.ceil(length / 3) * 4;
  const form = new RegExp(`^${algorithm}\\$([1-9][0-9]{0,7})\\$([^$]+)\\$[A-Za-z0-9+/=]{${base64Length}}$`);

  async function hash(password: string, salt: string, iterations: number): Promise<string> {
    const key = await derive(password, salt, iterations, length, digest);
    return `${algorithm}$${iterations}$${salt}$${key.toString('base64')}`;
  }

  return {
    algorithm,
    async encode(password, { salt, iterations = defaultIterations }) {
      if (!Number.isInteger(iterations) || iterations < 1 || iterations > maxIterations) {
        throw new CommandError(`${algorithm} takes from 1 to ${maxIterations} rounds, and not ${iterations}.`, {
          code: 'bad_iterations',
        });
      }
      return hash(password, chooseSalt(salt), iterations);
    },
    open(encoded) {
      const [, digits, salt] = form.exec(encoded) ?? [];
      const iterations = Number(digits);
      if (salt === undefined || iterations > maxIterations) return undefined;
      return {
        outdated: isWeakSalt(salt),
        iterations,
        verify: async (password) => equalTexts(encoded, await hash(password, salt, iterations)),
        async harden(password, wanted = defaultIterations) {
          if (wanted > iterations) await hash(password, salt, wanted - iterations);
        },
      };
    },
  };
}

export const pbkdf2Sha256 = pbkdf2Hasher('pbkdf2_sha256', 'sha256', 32);
export const pbkdf2Sha1 = pbkdf2Hasher('pbkdf2_sha1', 'sha1', 20);
