import { CommandError } from '../../errors.js';
import { knownNames } from '../../text.js';
import { foreignHashers } from './foreign/hashers.js';
import { argon2 } from './hashers/argon2.js';
import { bcrypt, bcryptSha256 } from './hashers/bcrypt.js';
import { md5, sha1, unsaltedMd5, unsaltedSha1 } from './hashers/digests.js';
import { type Hasher, type HashOptions, randomText } from './hashers/hasher.js';
import { defaultIterations, pbkdf2Sha1, pbkdf2Sha256 } from './hashers/pbkdf2.js';
import { scrypt } from './hashers/scrypt.js';
import { wrappedMd5, wrappedSha1 } from './hashers/wrapped.js';

/** Every format that there is; the native libraries behind some are loaded when one of theirs is met. */
const hashers: readonly Hasher[] = [
  pbkdf2Sha256,
  pbkdf2Sha1,
  argon2,
  bcryptSha256,
  bcrypt,
  scrypt,
  md5,
  sha1,
  unsaltedMd5,
  unsaltedSha1,
  wrappedMd5,
  wrappedSha1,
  ...foreignHashers,
];

/** What a stored hash begins with, before a `$`; unsalted ones have no beginning of their own. */
export const knownAlgorithms: readonly string[] = hashers.map(({ algorithm }) => algorithm);

export const defaultAlgorithm = pbkdf2Sha256.algorithm;
const unusablePrefix = '!';

const hasLoneSurrogate = (text: string) => /\p{Surrogate}/u.test(text);

/** How a password is stored: in a format that is known here, unusable, in an unknown format, or in a broken one. */
export type PasswordState = 'usable' | 'unusable' | 'unknown' | 'broken';

export interface PreferredHasher {
  /** Algorithm that new hashes of the project have; by default `pbkdf2_sha256`. */
  readonly hasher?: string | undefined;
  /** Rounds of PBKDF2 that new hashes of the project have; by default Django's. */
  readonly iterations?: number | undefined;
}

export interface MakePasswordOptions extends HashOptions {
  /** Name of the algorithm, such as `argon2`; by default `pbkdf2_sha256`. */
  readonly hasher?: string | undefined;
}

function findHasher(algorithm: string): Hasher | undefined {
  return hashers.find((hasher) => hasher.algorithm === algorithm);
}

function hasherOf(encoded: string): Hasher | undefined {
  for (const unsalted of [unsaltedMd5, unsaltedSha1]) if (unsalted.open(encoded) !== undefined) return unsalted;
  const end = encoded.indexOf('$');
  return end === -1 ? undefined : findHasher(encoded.slice(0, end));
}

/**
 * Hashes a password as Django 5.2 stores it; `null` makes a value that no password matches, `!` and 40 random characters.
 * `salt` and `iterations` (of PBKDF2 only) are for tests and for hashes that must repeat.
 *
 * @throws CommandError for an unknown hasher, one whose format is only read, or a salt that it cannot take.
 */
export async function makePassword(
  password: string | null,
  { hasher: algorithm = defaultAlgorithm, ...options }: MakePasswordOptions = {},
): Promise<string> {
  if (password === null) return unusablePrefix + randomText(40);
  const encode = findHasher(algorithm)?.encode;
  if (encode === undefined) {
    const known = hashers.filter((hasher) => hasher.encode !== undefined).map((hasher) => hasher.algorithm);
    throw new CommandError(`No password can be hashed with '${algorithm}'.`, {
      code: 'unknown_hasher',
      hint: knownNames(algorithm, known),
    });
  }
  if (hasLoneSurrogate(password)) {
    throw new CommandError('The password has half of a character (a lone surrogate), which cannot be stored.', {
      code: 'bad_password',
    });
  }
  return encode(password, options);
}

/**
 * Whether this is the password behind a stored hash: false for unusable, unknown and broken hashes. A hash that asks for
 * more than some sixteen times the work or memory of Django's own counts as broken, and its work is not done. Where there is
 * no hash to check against (an unusable password, an unknown format, a broken hash) it takes as long as a wrong password does,
 * so that the time tells nothing about an account (Django 5.2 contrib/auth/hashers.py, verify_password).
 */
export async function checkPassword(
  password: string,
  encoded: string,
  { hasher: preferred = defaultAlgorithm, iterations }: PreferredHasher = {},
): Promise<boolean> {
  const hasher = isPasswordUsable(encoded) ? hasherOf(encoded) : undefined;
  const stored = hasher?.open(encoded);
  if (hasher === undefined || stored === undefined) {
    await spendTime(password, { hasher: preferred, iterations });
    return false;
  }
  // One with half of a character cannot be right, and takes its time too.
  const whole = password.replaceAll(/\p{Surrogate}/gu, '?');
  if (await stored.verify(whole)) return whole === password;
  if (hasher.algorithm === preferred) await stored.harden?.(whole, iterations);
  return false;
}

/** Takes as long as checking a password: for a user who does not exist, so that the time does not say so. */
export async function spendTime(password: string, options: PreferredHasher = {}): Promise<void> {
  // Neither bcrypt nor UTF-8 takes every text.
  await makePassword(password.replaceAll(/[\0\p{Surrogate}]/gu, '?'), options);
}

/** Name of the algorithm of a stored hash, or undefined for an unusable or unknown one. */
export function identifyHasher(encoded: string): string | undefined {
  return isPasswordUsable(encoded) ? hasherOf(encoded)?.algorithm : undefined;
}

/** False for what `makePassword(null)` makes: an account that nobody can log in to with a password. */
export function isPasswordUsable(encoded: string): boolean {
  return !encoded.startsWith(unusablePrefix);
}

/** Which of the {@link PasswordState}s a stored value is in. */
export function passwordState(encoded: string): PasswordState {
  if (!isPasswordUsable(encoded)) return 'unusable';
  const hasher = hasherOf(encoded);
  if (hasher === undefined) return 'unknown';
  return hasher.open(encoded) === undefined ? 'broken' : 'usable';
}

/**
 * Whether a stored hash is weaker than the project would write it today: another algorithm than `hasher`, fewer rounds or
 * lower costs, or a salt of less than 128 bits. What a newer Django made, with more rounds, is not outdated. False for what
 * is no readable hash.
 */
export function passwordNeedsUpdate(
  encoded: string,
  { hasher: preferred = defaultAlgorithm, iterations = defaultIterations }: PreferredHasher = {},
): boolean {
  const hasher = isPasswordUsable(encoded) ? hasherOf(encoded) : undefined;
  const stored = hasher?.open(encoded);
  if (hasher === undefined || stored === undefined) return false;
  return hasher.algorithm !== preferred || stored.outdated || (stored.iterations ?? iterations) < iterations;
}

/** Rounds of a PBKDF2 hash, or undefined for any other. */
export function roundsOf(encoded: string): number | undefined {
  const hasher = isPasswordUsable(encoded) ? hasherOf(encoded) : undefined;
  return hasher?.open(encoded)?.iterations;
}
