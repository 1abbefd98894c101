import { createHash } from 'node:crypto';
import { equalTexts } from '../../../crypto/constant-time.js';
import { CommandError } from '../../../errors.js';
import { bcryptHash } from './bcrypt-hash.js';
import type { Hasher } from './hasher.js';

const defaultRounds = 12;
/** Sixteen times the work of a hash that Django writes. */
const maxRounds = 16;

const saltForm = /^\$2[aby]\$(0[4-9]|1[0-6])\$[./A-Za-z0-9]{22}$/;

/** `algorithm$` and a bcrypt hash (Django 5.2 contrib/auth/hashers.py, BCryptSHA256PasswordHasher). */
function bcryptHasher(algorithm: string, prepare: (password: string) => string): Hasher {
  const form = new RegExp(`^${algorithm}\\$(\\$2[aby]\\$([0-9]{2})\\$[./A-Za-z0-9]{22})[./A-Za-z0-9]{31}$`);

  async function hash(password: string, salt: string): Promise<string> {
    return `${algorithm}$${await bcryptHash(password, salt)}`;
  }

  return {
    algorithm,
    async encode(password, { salt }) {
      const prepared = prepare(password);
      if (prepared.includes('\0')) {
        throw new CommandError('bcrypt takes no password with a NUL character.', {
          code: 'bad_password',
          hint: 'Choose another password, or use bcrypt_sha256 or another hasher.',
        });
      }
      if (salt && !saltForm.test(salt)) {
        throw new CommandError('A bcrypt salt has the form $2b$12$ and 22 characters of ./A-Za-z0-9.', {
          code: 'bad_salt',
        });
      }
      const { genSalt } = await import('bcryptjs');
      return hash(prepared, salt || (await genSalt(defaultRounds)));
    },
    open(encoded) {
      const [, salt, digits] = form.exec(encoded) ?? [];
      const rounds = Number(digits);
      if (salt === undefined || rounds < 4 || rounds > maxRounds) return undefined;
      return {
        outdated: rounds < defaultRounds,
        async verify(password) {
          const prepared = prepare(password);
          // The library that Django uses refuses NUL, so no such password can have been set: it takes its time and is wrong.
          const isSame = equalTexts(encoded, await hash(prepared.replaceAll('\0', '?'), salt));
          return isSame && !prepared.includes('\0');
        },
        ...(rounds < defaultRounds
          ? {
              async harden(password: string) {
                // Each round doubles the work: the missing rounds one by one are the rest of it.
                for (let cost = rounds; cost < defaultRounds; cost += 1) {
                  await hash(
                    prepare(password).replaceAll('\0', ''),
                    salt.replace(`$${digits}$`, `$${String(cost).padStart(2, '0')}$`),
                  );
                }
              },
            }
          : {}),
      };
    },
  };
}

export const bcryptSha256 = bcryptHasher('bcrypt_sha256', (password) =>
  createHash('sha256').update(password).digest('hex'),
);
/** Reads the first 72 bytes of a password, as bcrypt does. */
export const bcrypt = bcryptHasher('bcrypt', (password) => password);
