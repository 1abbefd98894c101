import { createHash } from 'node:crypto';
import { equalTexts } from '../../../crypto/constant-time.js';
import type { Hasher } from '../hashers/hasher.js';
import { encodeNumber } from './itoa64.js';
import { repeat } from './pauses.js';

const defaultRounds = 5000;
/** Two hundred times the default, and some three seconds. */
const mostRounds = 1_000_000;

const repeated = (bytes: Buffer, length: number) =>
  Buffer.concat(Array(Math.ceil(length / bytes.length) || 0).fill(bytes)).subarray(0, length);

function packed(digest: Buffer, order: readonly (readonly number[])[]): string {
  return order
    .map((places) => {
      const value = places.reduce((sum, place) => (sum << 8) | (place < 0 ? 0 : (digest[place] ?? 0)), 0);
      return encodeNumber(value, places.filter((place) => place >= 0).length + 1);
    })
    .join('');
}

/** Which bytes stand together in the text of a digest (Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512"). */
function shaOrder(size: 32 | 64): (readonly number[])[] {
  const third = Math.floor(size / 3);
  const groups = Array.from({ length: third }, (_, at) => {
    const places = [at, at + third, at + 2 * third];
    // Each group begins with another third: which one follows differs between the two sizes.
    const turn = size === 64 ? at % 3 : (3 - (at % 3)) % 3;
    return [...places.slice(turn), ...places.slice(0, turn)];
  });
  return [...groups, size === 64 ? [-1, -1, 63] : [-1, 31, 30]];
}

async function shaCrypt(name: 'sha256' | 'sha512', text: string, salt: string, rounds: number): Promise<string> {
  const password = Buffer.from(text);
  const size = name === 'sha256' ? 32 : 64;
  const hash = (...parts: (string | Buffer)[]) => {
    const made = createHash(name);
    for (const part of parts) made.update(part);
    return made.digest();
  };
  const inner = hash(password, salt, password);
  const bits: Buffer[] = [];
  for (let length = password.length; length > 0; length >>>= 1) bits.push(length & 1 ? inner : password);
  let state = hash(password, salt, repeated(inner, password.length), ...bits);
  const manyPasswords = repeated(hash(...Array<Buffer>(password.length).fill(password)), password.length);
  const manySalts = repeated(hash(...Array<string>(16 + (state[0] ?? 0)).fill(salt)), Buffer.byteLength(salt));
  await repeat(rounds, (index) => {
    const odd = index % 2 === 1;
    const parts: Buffer[] = [odd ? manyPasswords : state];
    if (index % 3 !== 0) parts.push(manySalts);
    if (index % 7 !== 0) parts.push(manyPasswords);
    parts.push(odd ? state : manyPasswords);
    state = hash(...parts);
  });
  return packed(state, shaOrder(size));
}

/** MD5-crypt with its thousand rounds, for Unix (`$1$`) and for Apache (`$apr1$`). */
function md5Crypt(text: string, magic: string, salt: string): string {
  const password = Buffer.from(text);
  const hash = (...parts: (string | Buffer)[]) => {
    const made = createHash('md5');
    for (const part of parts) made.update(part);
    return made.digest();
  };
  const inner = hash(password, salt, password);
  const bits: Buffer[] = [];
  for (let length = password.length; length > 0; length >>>= 1) {
    bits.push(length & 1 ? Buffer.alloc(1) : password.subarray(0, 1));
  }
  let state = hash(password, magic, salt, repeated(inner, password.length), ...bits);
  for (let index = 0; index < 1000; index++) {
    const odd = index % 2 === 1;
    const parts: (string | Buffer)[] = [odd ? password : state];
    if (index % 3 !== 0) parts.push(salt);
    if (index % 7 !== 0) parts.push(password);
    parts.push(odd ? state : password);
    state = hash(...parts);
  }
  return packed(state, [
    [0, 6, 12],
    [1, 7, 13],
    [2, 8, 14],
    [3, 9, 15],
    [4, 10, 5],
    [-1, -1, 11],
  ]);
}

function shaHasher(algorithm: string, name: 'sha256' | 'sha512', form: RegExp): Hasher {
  return {
    algorithm,
    open(encoded) {
      const [, digits, salt, digest] = form.exec(encoded) ?? [];
      const rounds = Math.max(1000, Number(digits ?? defaultRounds));
      if (salt === undefined || digest === undefined || rounds > mostRounds) return undefined;
      return {
        outdated: true,
        verify: async (password) => equalTexts(digest, await shaCrypt(name, password, salt, rounds)),
      };
    },
  };
}

export const sha256Crypt = shaHasher(
  'sha256_crypt',
  'sha256',
  /^sha256_crypt\$\$5\$(?:rounds=([0-9]{1,9})\$)?([^$]{0,16})\$([./0-9A-Za-z]{43})$/,
);
export const sha512Crypt = shaHasher(
  'sha512_crypt',
  'sha512',
  /^sha512_crypt\$\$6\$(?:rounds=([0-9]{1,9})\$)?([^$]{0,16})\$([./0-9A-Za-z]{86})$/,
);
/** The same without what the name says already, where passlib's form has more than the 128 characters of the column. */
export const sha512CryptShort = shaHasher(
  'crypt6',
  'sha512',
  /^crypt6\$(?:rounds=([0-9]{1,9})\$)?([^$]{0,16})\$([./0-9A-Za-z]{86})$/,
);

function md5Hasher(algorithm: string, magic: string, form: RegExp): Hasher {
  return {
    algorithm,
    open(encoded) {
      const [, salt, digest] = form.exec(encoded) ?? [];
      if (salt === undefined || digest === undefined) return undefined;
      return { outdated: true, verify: async (password) => equalTexts(digest, md5Crypt(password, magic, salt)) };
    },
  };
}

export const apr1 = md5Hasher('apr1', '$apr1$', /^apr1\$([^$]{0,8})\$([./0-9A-Za-z]{22})$/);
export const md5CryptHasher = md5Hasher('md5_crypt', '$1$', /^md5_crypt\$\$1\$([^$]{0,8})\$([./0-9A-Za-z]{22})$/);
