import type { Passwords } from '../auth/backends/backend.js';
import { checkPassword, makePassword, passwordNeedsUpdate, spendTime } from '../auth/passwords/hashers.js';
import { RequestError } from './errors.js';

export interface PasswordOptions {
  /** Algorithm of new hashes. */
  readonly hasher?: string | undefined;
  /** Rounds of PBKDF2 that new hashes have. */
  readonly iterations?: number | undefined;
  /** How many are hashed at once; by default 2, which leaves threads for files and names. */
  readonly concurrency?: number;
  /** How many may wait; by default 250, which is what two at a time do in a minute. Who comes after them is answered with 503. */
  readonly waiting?: number;
}

/** Milliseconds that a hash takes before one was measured. */
const firstGuessMs = 400;

/**
 * Hashes passwords few at a time, so that a burst of logins leaves the rest of the server its share.
 *
 * Each of its functions throws a RequestError of status 503, with `Retry-After`, where too many wait already.
 */
export function createPasswords({
  hasher,
  iterations,
  concurrency = 2,
  waiting = 250,
}: PasswordOptions = {}): Passwords {
  const queue: (() => void)[] = [];
  let running = 0;
  let usualMs = firstGuessMs;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= concurrency) {
      if (queue.length >= waiting) throw tooMany(Math.ceil(((queue.length / concurrency) * usualMs) / 1000));
      await new Promise<void>((resolve) => queue.push(resolve));
    } else {
      running++;
    }
    const start = performance.now();
    try {
      return await work();
    } finally {
      usualMs += (performance.now() - start - usualMs) / 8;
      const next = queue.shift();
      // Whoever is next takes over the place.
      if (next === undefined) running--;
      else next();
    }
  }

  return {
    check: (password, encoded) =>
      inTurn(async () => {
        if (encoded !== null) return checkPassword(password, encoded, { hasher, iterations });
        await spendTime(password, { hasher, iterations });
        return false;
      }),
    make: (password) =>
      password === null ? makePassword(null) : inTurn(() => makePassword(password, { hasher, iterations })),
    isOutdated: (encoded) => passwordNeedsUpdate(encoded, { hasher, iterations }),
  };
}

function tooMany(seconds: number): RequestError {
  return new RequestError(503, 'Too many logins are waiting. Try again later.', {
    code: 'too_many_logins',
    headers: { 'Retry-After': String(Math.max(1, seconds)) },
  });
}
