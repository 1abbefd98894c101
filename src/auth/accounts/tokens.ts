import { createHmac } from 'node:crypto';
import { equalTexts } from '../../crypto/constant-time.js';
import { deriveKey, saltedHmac } from '../../crypto/salted-hmac.js';
import { createZone } from '../../db/values/moments.js';
import { remembered } from '../../remembered.js';

/** What a session or a token is bound to, under Django's field names; `last_login` is ISO text, as the database has it. */
export interface TokenUser {
  readonly pk: string | number;
  readonly password: string;
  readonly last_login?: string | null;
  readonly email?: string | null;
}

export interface TokenOptions {
  readonly secretKey: string;
  readonly now?: Date;
  /** Where the clock on the wall is that Django counts by: its TIME_ZONE. UTC by default. */
  readonly timeZone?: string;
}

export interface CheckTokenOptions extends TokenOptions {
  readonly secretKeyFallbacks?: readonly string[];
  /** Seconds that a token is good for; Django's PASSWORD_RESET_TIMEOUT, three days, by default. */
  readonly timeout?: number;
}

const authHashSalt = 'django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash';
const threeDays = 3 * 24 * 60 * 60;
const year2001 = Date.UTC(2001, 0, 1) / 1000;

/**
 * What a session holds as `_auth_user_hash`: it changes with the password, which is how a new password ends the user's
 * sessions (Django 5.2 contrib/auth/base_user.py, get_session_auth_hash).
 */
export function sessionAuthHash(
  user: Pick<TokenUser, 'password'>,
  { secretKey }: { readonly secretKey: string },
): string {
  return saltedHmac(authHashSalt, user.password, secretKey);
}

/** The same as Django 3.0 and older made it, with SHA-1: no Django since 4.0 accepts it. */
export function legacySessionAuthHash(
  user: Pick<TokenUser, 'password'>,
  { secretKey }: { readonly secretKey: string },
): string {
  return saltedHmac(authHashSalt, user.password, secretKey, 'sha1');
}

/** As {@link sessionAuthHash}, for many users: what comes from the key is worked out once. */
export function createSessionAuthHasher({ secretKey }: { readonly secretKey: string }): (password: string) => string {
  const key = deriveKey(authHashSalt, secretKey);
  return remembered((password) => createHmac('sha256', key).update(password).digest('hex'));
}

/** A token for a password reset link, good once and for a time (Django 5.2 contrib/auth/tokens.py). */
export function makeResetToken(user: TokenUser, { secretKey, now, timeZone }: TokenOptions): string {
  return tokenAt(user, naiveSeconds(now ?? new Date(), timeZone), secretKey);
}

/** Whether the token was made for this user as it is now, with one of the keys, and is not too old. */
export function checkResetToken(
  user: TokenUser,
  token: string,
  { secretKey, secretKeyFallbacks = [], now, timeZone, timeout = threeDays }: CheckTokenOptions,
): boolean {
  const time = /^([0-9a-z]{1,13})-[^-]*$/i.exec(token)?.[1];
  if (time === undefined) return false;
  const seconds = Number.parseInt(time, 36);
  const matches = [secretKey, ...secretKeyFallbacks].some((key) => equalTexts(tokenAt(user, seconds, key), token));
  return matches && naiveSeconds(now ?? new Date(), timeZone) - seconds <= timeout;
}

/** A user's key as reset links have it: Django's `uidb64`. */
export function encodeUid(pk: string | number): string {
  return Buffer.from(String(pk)).toString('base64url');
}

function tokenAt(user: TokenUser, seconds: number, secretKey: string): string {
  const lastLogin = user.last_login?.replace('T', ' ').slice(0, 'YYYY-MM-DD HH:MM:SS'.length) ?? '';
  const state = `${user.pk}${user.password}${lastLogin}${seconds}${user.email ?? ''}`;
  const hash = saltedHmac('django.contrib.auth.tokens.PasswordResetTokenGenerator', state, secretKey);
  return `${seconds.toString(36)}-${hash.replace(/(.)./g, '$1')}`;
}

/** Seconds since 2001 by the clock on the wall, as Python counts with a `datetime` that knows no time zone. */
function naiveSeconds(now: Date, timeZone = 'UTC'): number {
  const seconds = Math.floor(now.getTime() / 1000);
  return seconds + createZone(timeZone).offsetAt(seconds) - year2001;
}
