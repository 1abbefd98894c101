import { createHmac } from 'node:crypto';
import { equalTexts } from '../../../crypto/constant-time.js';
import { bcryptHash } from '../hashers/bcrypt-hash.js';
import type { Hasher } from '../hashers/hasher.js';

/** Sixteen times what bcrypt in Django asks for. */
const maxCost = 16;

/**
 * WordPress from 6.8 on: bcrypt of a keyed digest, since bcrypt alone reads 72 bytes. `wp$2y$10$…`, as WordPress has it
 * without the first `$`. Blanks around a password do not count there.
 */
export const wordpress: Hasher = {
  algorithm: 'wp',
  open(encoded) {
    const [, stored, salt, cost] =
      /^wp((\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{22})[./A-Za-z0-9]{31})$/.exec(encoded) ?? [];
    if (stored === undefined || salt === undefined || Number(cost) < 4 || Number(cost) > maxCost) return undefined;
    return {
      outdated: true,
      async verify(password) {
        const prepared = createHmac('sha384', 'wp-sha384').update(password.trim()).digest('base64');
        return equalTexts(stored, await bcryptHash(prepared, salt));
      },
    };
  },
};
