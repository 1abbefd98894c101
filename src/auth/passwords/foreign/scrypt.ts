import { createCipheriv, scrypt as scryptCallback } from 'node:crypto';
import { equalTexts } from '../../../crypto/constant-time.js';
import type { Hasher } from '../hashers/hasher.js';

/** As for Django's own scrypt: sixteen times its work and memory. */
const maxWork = 16 * 2 ** 14 * 8 * 5;
const maxBytes = 16 * 128 * 2 ** 14 * 8;

function derive(
  password: string,
  salt: string | Uint8Array,
  { N, r, p, length }: { readonly N: number; readonly r: number; readonly p: number; readonly length: number },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scryptCallback(password, salt, length, { N, r, p, maxmem: 2 * maxBytes }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

function isReasonable(N: number, r: number, p: number): boolean {
  return N > 1 && (N & (N - 1)) === 0 && N * r * p <= maxWork && 128 * r * (N + p) <= maxBytes;
}

/**
 * Werkzeug's costs, for which Django's own hasher has not the memory, and which it answers with an error:
 * `werkzeug_scrypt$N$salt$r$p$base64`, where the salt is text.
 */
export const werkzeugScrypt: Hasher = {
  algorithm: 'werkzeug_scrypt',
  open(encoded) {
    const form =
      /^werkzeug_scrypt\$([1-9][0-9]{0,6})\$([^$]+)\$([1-9][0-9]{0,2})\$([1-9][0-9]{0,2})\$([A-Za-z0-9+/]+={0,2})$/;
    const [, n, salt, rText, pText, text] = form.exec(encoded) ?? [];
    if (salt === undefined || text === undefined) return undefined;
    const [N, r, p] = [Number(n), Number(rText), Number(pText)];
    const key = Buffer.from(text, 'base64');
    if (!isReasonable(N, r, p) || key.length < 16) return undefined;
    return {
      outdated: true,
      verify: async (password) =>
        equalTexts(
          key.toString('hex'),
          (await derive(password, salt, { N, r, p, length: key.length })).toString('hex'),
        ),
    };
  },
};

/** better-auth: `better_auth$salt$base64`. Its salt is the hexadecimal text, and the password is normalised. */
export const betterAuth: Hasher = {
  algorithm: 'better_auth',
  open(encoded) {
    const [, salt, text] = /^better_auth\$([0-9a-f]{16,64})\$([A-Za-z0-9+/]+={0,2})$/.exec(encoded) ?? [];
    if (salt === undefined || text === undefined) return undefined;
    const key = Buffer.from(text, 'base64');
    if (key.length < 16) return undefined;
    return {
      outdated: true,
      verify: async (password) =>
        equalTexts(
          key.toString('hex'),
          (await derive(password.normalize('NFKC'), salt, { N: 16_384, r: 16, p: 1, length: key.length })).toString(
            'hex',
          ),
        ),
    };
  },
};

/**
 * Firebase: `firebase_scrypt$memCost$rounds$base64 of salt and separator$base64`. What is stored is the key stream that the
 * signer key of the project was encrypted with, so that the key itself need not be here.
 */
export const firebaseScrypt: Hasher = {
  algorithm: 'firebase_scrypt',
  open(encoded) {
    const form = /^firebase_scrypt\$([1-9][0-9]?)\$([1-9][0-9]?)\$([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/]+={0,2})$/;
    const [, cost, rounds, saltText, text] = form.exec(encoded) ?? [];
    if (saltText === undefined || text === undefined) return undefined;
    const [N, r] = [2 ** Number(cost), Number(rounds)];
    const stream = Buffer.from(text, 'base64');
    if (!isReasonable(N, r, 1) || stream.length < 16) return undefined;
    return {
      outdated: true,
      async verify(password) {
        const key = await derive(password, Buffer.from(saltText, 'base64'), { N, r, p: 1, length: 32 });
        const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
        return equalTexts(stream.toString('hex'), cipher.update(Buffer.alloc(stream.length)).toString('hex'));
      },
    };
  },
};
