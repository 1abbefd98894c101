import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { equalTexts } from '../../../crypto/constant-time.js';
import type { Hasher } from '../hashers/hasher.js';
import { adapted64, fromAdapted64 } from './itoa64.js';

const derive = promisify(pbkdf2);
const mostIterations = 10_000_000;

/**
 * passlib's form, whose salt is bytes, without the `$` before its name: `pbkdf2-sha512$rounds$salt$key`. A key may be cut,
 * since the first blocks of a longer one are the same.
 */
function hasher(algorithm: string, digest: string): Hasher {
  const form = new RegExp(`^${algorithm}\\$([1-9][0-9]{0,7})\\$([A-Za-z0-9./]+)\\$([A-Za-z0-9./]{22,88})$`);
  return {
    algorithm,
    open(encoded) {
      const [, digits, saltText = '', keyText = ''] = form.exec(encoded) ?? [];
      const iterations = Number(digits);
      const key = fromAdapted64(keyText);
      if (keyText === '' || iterations > mostIterations || key.length < 16) return undefined;
      return {
        outdated: true,
        verify: async (password) =>
          equalTexts(
            key.toString('hex'),
            (await derive(password, fromAdapted64(saltText), iterations, key.length, digest)).toString('hex'),
          ),
      };
    },
  };
}

export const passlibPbkdf2: readonly Hasher[] = [
  hasher('pbkdf2', 'sha1'),
  hasher('pbkdf2-sha256', 'sha256'),
  hasher('pbkdf2-sha512', 'sha512'),
];

const sizes = { sha1: 20, sha256: 32, sha512: 64 } as const;

/** The form above of what another system stores; a key that makes it too long for the column is cut to 256 bits. */
export function passlibForm(
  digest: keyof typeof sizes,
  iterations: number,
  salt: Uint8Array,
  key: Uint8Array,
  maxLength: number,
): string {
  const name = digest === 'sha1' ? 'pbkdf2' : `pbkdf2-${digest}`;
  const of = (length: number) => `${name}$${iterations}$${adapted64(salt)}$${adapted64(key.subarray(0, length))}`;
  const whole = of(sizes[digest]);
  return whole.length <= maxLength ? whole : of(Math.min(32, sizes[digest]));
}
