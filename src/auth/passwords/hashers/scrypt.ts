import { type ScryptOptions, scrypt as scryptCallback } from 'node:crypto';
import { equalTexts } from '../../../crypto/constant-time.js';
import { chooseSalt, type Hasher } from './hasher.js';

const workFactor = 2 ** 14;
const blockSize = 8;
const parallelism = 5;

/** Sixteen times the work and the memory of a hash that Django writes. */
const maxWork = 16 * workFactor * blockSize * parallelism;
const maxBytes = 16 * 128 * workFactor * blockSize;

const form = /^scrypt\$([1-9][0-9]{0,6})\$([^$]+)\$([1-9][0-9]{0,3})\$([1-9][0-9]{0,3})\$[A-Za-z0-9+/=]{88}$/;

function derive(password: string, salt: string, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scryptCallback(password, salt, 64, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

async function hash(password: string, salt: string, N: number, r: number, p: number): Promise<string> {
  // Node refuses what needs more than 32 MB unless it is told that this is meant.
  const key = await derive(password, salt, { N, r, p, maxmem: 2 * maxBytes });
  return `scrypt$${N}$${salt}$${r}$${p}$${key.toString('base64')}`;
}

/** `scrypt$N$salt$r$p$base64` (Django 5.2 contrib/auth/hashers.py, ScryptPasswordHasher). */
export const scrypt: Hasher = {
  algorithm: 'scrypt',
  encode: (password, { salt }) => hash(password, chooseSalt(salt), workFactor, blockSize, parallelism),
  open(encoded) {
    const [, n, salt, ...sizes] = form.exec(encoded) ?? [];
    if (salt === undefined) return undefined;
    const N = Number(n);
    const [r = 0, p = 0] = sizes.map(Number);
    const isPowerOfTwo = N > 1 && (N & (N - 1)) === 0;
    if (!isPowerOfTwo || N * r * p > maxWork || 128 * r * (N + p) > maxBytes) return undefined;
    return {
      outdated: N < workFactor || r < blockSize || p < parallelism,
      verify: async (password) => equalTexts(encoded, await hash(password, salt, N, r, p)),
    };
  },
};
