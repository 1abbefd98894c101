import { randomInt } from 'node:crypto';
import { CommandError } from '../../../errors.js';
import { characterCount } from '../../python-text.js';

/** What a new hash is made with, where its maker does not want the defaults. */
export interface HashOptions {
  readonly salt?: string;
  readonly iterations?: number | undefined;
}

/** A hash that was read: well-formed, and not asking for more work than an honest one does. */
export interface StoredHash {
  /** Whether its salt or its costs are less than Django 5.2 gives a new hash; more is what a newer one does. */
  readonly outdated: boolean;
  /** Rounds of PBKDF2. */
  readonly iterations?: number;
  readonly verify: (password: string) => Promise<boolean>;
  /**
   * Spends the time by which a hash with today's costs is slower, so that a wrong password does not tell the costs. `iterations`
   * are the rounds of PBKDF2 that the project's new hashes have.
   */
  readonly harden?: (password: string, iterations?: number) => Promise<unknown>;
}

/** One format of the password column. */
export interface Hasher {
  readonly algorithm: string;
  /** Makes a hash; absent for formats that are only read. */
  readonly encode?: (password: string, options: HashOptions) => Promise<string>;
  /** Reads a hash; undefined for a broken one, and for one with absurd costs, before any of the work is done. */
  readonly open: (encoded: string) => StoredHash | undefined;
}

const saltCharacters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

const bitsPerCharacter = Math.log2(saltCharacters.length);

/** Letters and digits from the system's random source. */
export function randomText(length: number): string {
  return Array.from({ length }, () => saltCharacters.charAt(randomInt(saltCharacters.length))).join('');
}

/** A new salt: 22 characters, the fewest with 128 bits (Django 5.2 contrib/auth/hashers.py, BasePasswordHasher.salt). */
function makeSalt(): string {
  return randomText(22);
}

/** Whether a salt has less than 128 bits at log2(62) a character (must_update_salt). */
export function isWeakSalt(salt: string): boolean {
  return characterCount(salt) * bitsPerCharacter < 128;
}

/**
 * The salt that was asked for, or a new one.
 *
 * @throws CommandError for a salt with a `$`, which would make the hash unreadable.
 */
export function chooseSalt(salt: string | undefined): string {
  if (salt?.includes('$')) throw new CommandError('A salt cannot contain $.', { code: 'bad_salt' });
  return salt || makeSalt();
}
