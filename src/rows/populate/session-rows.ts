import { createHmac, randomBytes } from 'node:crypto';
import { sessionAuthHash } from '../../auth/accounts/tokens.js';
import type { Value } from '../../db/dialect/dialect.js';
import { timestampOf } from '../../db/values/moments.js';
import { createSessionWriter } from '../../sessions/codec/codec.js';
import { defaultBackend } from '../../sessions/store/create.js';
import { userIdText } from '../../sessions/store/users.js';

export interface SessionMaking {
  readonly secretKey: string;
  /** Seconds that a session is good for. */
  readonly age: number;
  readonly now: Date;
  /** Makes the keys again that an earlier run has made; without it they are random. */
  readonly seed: string | undefined;
  /** A number from 0 up to 1. */
  readonly random: () => number;
}

/** The account that a session is of. */
export interface SessionOwner {
  readonly pk: Value;
  readonly password: string;
}

/** Share of sessions that are over. */
const expiredShare = 0.3;

/** Makes rows of `django_session`: key, data, end. Users are logged in there as Django's `login` does it. */
export function sessionMaker({ secretKey, age, now, seed, random }: SessionMaking) {
  const write = createSessionWriter({ secretKey });
  const nextBytes = keyBytes();
  let hashed = '';
  let hash = '';
  return ({ pk, password }: SessionOwner, number: number): Value[] => {
    if (password !== hashed) {
      hash = sessionAuthHash({ password }, { secretKey });
      hashed = password;
    }
    const spanMs = age * 1000;
    const begun = new Date(now.getTime() - Math.round((random() * spanMs) / (1 - expiredShare)));
    const data = { _auth_user_id: userIdText(pk), _auth_user_backend: defaultBackend, _auth_user_hash: hash };
    return [
      sessionKey(secretKey, seed, number, nextBytes),
      write(data, begun),
      timestampOf(new Date(begun.getTime() + spanMs)),
    ];
  };
}

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Random bytes are fetched for many keys at once. */
function keyBytes(): () => Uint8Array {
  let pool = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at >= pool.length) {
      pool = randomBytes(32 * 512);
      at = 0;
    }
    at += 32;
    return pool.subarray(at - 32, at);
  };
}

/** Whoever knows a key is logged in, so that not even a seed makes one that can be guessed without the secret key. */
function sessionKey(secretKey: string, seed: string | undefined, number: number, random: () => Uint8Array): string {
  const bytes =
    seed === undefined
      ? random()
      : createHmac('sha256', secretKey).update(`manage-auth populate ${seed} ${number}`).digest();
  let key = '';
  for (const byte of bytes) key += letters[byte % letters.length];
  return key;
}
