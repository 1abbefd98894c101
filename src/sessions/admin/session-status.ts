import { legacySessionAuthHash, sessionAuthHash } from '../../auth/accounts/tokens.js';
import { equalTexts } from '../../crypto/constant-time.js';
import { formatMoment, parseMoment, type Zone } from '../../db/values/moments.js';
import { isoTime, type ReadSession, type SessionKeys } from '../codec/codec.js';
import type { SessionUser } from '../store/users.js';

/** What is known of a session besides its data. */
export interface Circumstances extends SessionKeys {
  /** Whether it is still good; undefined where that is not known. */
  readonly alive: boolean | undefined;
  /** The account that it names; null where there is none, undefined where nobody has looked. */
  readonly user: SessionUser | null | undefined;
  /** Why it was looked for in vain: the accounts are in another model. Full sentences. */
  readonly elsewhere?: string | undefined;
  /** The account's key as the session has it, or undefined where nobody has logged in. */
  readonly userId: string | undefined;
}

/** Whether Django 5.2 would take a session for what it says. */
export interface Verdict {
  /** null where too little is known. */
  readonly accepted: boolean | null;
  /** Why it would not, or what is not known: full sentences. */
  readonly reasons: readonly string[];
}

/**
 * Judges a session as Django does when a request brings it (Django 5.2 contrib/sessions/backends/base.py and
 * contrib/auth/__init__.py, get_user).
 */
export function judgeSession(session: ReadSession, circumstances: Circumstances): Verdict {
  const faults = [...formFaults(session, circumstances), ...userFaults(session, circumstances)];
  if (faults.length > 0) return { accepted: false, reasons: faults };
  const unknown = unknowns(session, circumstances);
  return { accepted: unknown.length > 0 ? null : true, reasons: unknown };
}

function formFaults(
  { verified, format, serializer, sha1 }: ReadSession,
  { alive, legacySha1 = false }: Circumstances,
): string[] {
  return [
    ...(verified === false && (!sha1 || legacySha1) ? ['It is signed with none of the keys.'] : []),
    ...(verified === false && sha1 && !legacySha1
      ? ['It is signed with SHA-1, as by Django 3.0 and older, which is verified with `session.legacySha1` alone.']
      : []),
    ...(verified === true && sha1 ? ['It is signed with SHA-1, which Django does not accept since 4.0.'] : []),
    ...(format === 'legacy'
      ? ['It is in the format of Django 3.0 and older, which Django does not read since 4.0.']
      : []),
    ...(format === 'signed' && serializer === 'pickle'
      ? ['It is a pickle, which Django does not read since 5.0.']
      : []),
    ...(alive === false ? ['It has expired.'] : []),
  ];
}

function userFaults(
  { data, verified, format }: ReadSession,
  { user, userId, secretKey, secretKeyFallbacks = [] }: Circumstances,
): string[] {
  if (userId === undefined || user === undefined) return [];
  if (user === null) return [`Its user, ${userId}, does not exist.`];
  const faults: string[] = [];
  if (!user.active) faults.push(`Its user, ${user.username}, is not active.`);
  if (typeof data._auth_user_backend !== 'string') faults.push('It does not say how its user has logged in.');
  const { _auth_user_hash: hash } = data;
  if (typeof hash !== 'string') {
    faults.push('It is not bound to the password of its user.');
  } else if (secretKey !== undefined && verified) {
    // The same keys made both: where the signature is not theirs, the hash says nothing.
    const keys = [secretKey, ...secretKeyFallbacks];
    const isBound = (hashOf: typeof sessionAuthHash) =>
      keys.some((key) => equalTexts(hashOf(user, { secretKey: key }), hash));
    if (isBound(legacySessionAuthHash)) {
      // What the format says of itself need not be said twice.
      if (format !== 'legacy') {
        faults.push(
          'It is bound to the password with SHA-1, as by Django 3.0 and older, which none since 4.0 accepts.',
        );
      }
    } else if (!isBound(sessionAuthHash)) {
      faults.push(`The password of ${user.username} has changed since the login.`);
    }
  }
  return faults;
}

function unknowns({ verified }: ReadSession, { alive, user, userId, elsewhere }: Circumstances): string[] {
  return [
    ...(verified === null ? ['There is no secret key to verify it with.'] : []),
    ...(alive === undefined ? ['When it ends is not known.'] : []),
    ...(userId !== undefined && user === undefined
      ? [elsewhere ?? 'Whether its user may log in is known to the database alone.']
      : []),
  ];
}

/**
 * When a session ends by its own data, as ISO text: `_session_expiry` is a moment or a number of seconds, and without it
 * it is `cookieAge` seconds that it lasts (Django 5.2 contrib/sessions/backends/base.py, get_expiry_date). A moment without an
 * offset, which Django writes with `USE_TZ = False`, is one of `zone`.
 */
export function ownExpiry(
  { data: { _session_expiry: expiry }, signedAt }: ReadSession,
  cookieAge: number,
  zone: Zone,
): string | undefined {
  const moment = typeof expiry === 'string' ? parseMoment(expiry, zone) : undefined;
  if (moment !== undefined) return formatMoment(moment);
  if (signedAt === undefined) return undefined;
  const age = typeof expiry === 'number' && expiry !== 0 ? expiry : cookieAge;
  const end = Math.floor(signedAt + age);
  return Math.abs(end) < 8_640_000_000_000 ? isoTime(end) : undefined;
}
