import type { DbContext } from '../../db/connect/connection.js';
import { createZone } from '../../db/values/moments.js';
import { cookieSalt, createSessionReader, isoTime, type ReadSession, type SessionKeys } from '../codec/codec.js';
import { findSessionOwners } from '../store/owners.js';
import { findSession } from '../store/store.js';
import { type SessionUser, userIdOf } from '../store/users.js';
import { judgeSession, ownExpiry, type Verdict } from './session-status.js';

/** Everything that is known of one session. */
export interface SessionReport {
  /** Undefined for text that did not come from the database. */
  readonly key: string | undefined;
  readonly session: ReadSession;
  /** Where it is kept: `cookie` where the signature says so, undefined where nothing does. */
  readonly storage: 'database' | 'cookie' | undefined;
  /** ISO text. */
  readonly signedAt: string | undefined;
  /** ISO text; of what did not come from the database, by its own data. */
  readonly expires: string | undefined;
  /** Its user's key, by its own word. */
  readonly userId: string | undefined;
  /** null where there is none, undefined where nobody has looked. */
  readonly user: SessionUser | null | undefined;
  readonly verdict: Verdict;
}

export interface ReportContext extends SessionKeys {
  readonly now: Date;
  /** Seconds that a session is good for where it does not say itself. */
  readonly cookieAge: number;
  /** Where the clocks go by which a session says when it ends; UTC by default. */
  readonly timeZone?: string;
}

/**
 * Reports on the session with this key, or the only one whose key begins with it.
 *
 * @throws CommandError where there is none, BadSignature where it cannot be decoded.
 */
export async function reportSession(
  connection: DbContext,
  key: string,
  { now, ...context }: ReportContext,
): Promise<SessionReport> {
  const row = await findSession(connection, key, now);
  const session = createSessionReader(context)(row.text);
  const userId = userIdOf(session.data);
  const owners = userId === undefined ? undefined : await findSessionOwners(connection, [userId]);
  const found = owners?.users.get(userId ?? '') ?? null;
  const user = owners === undefined || owners.elsewhere !== undefined ? undefined : found;
  return {
    key: row.key,
    session,
    storage: 'database',
    signedAt: signedAtOf(session),
    expires: row.expires(),
    userId,
    user,
    verdict: judgeSession(session, { ...context, alive: row.alive, userId, user, elsewhere: owners?.elsewhere }),
  };
}

/**
 * Reports on session data, without a database: as it is kept there, or in a cookie of its own.
 *
 * @throws BadSignature where it cannot be decoded.
 */
export function reportSessionText(
  text: string,
  { now, cookieAge, timeZone = 'UTC', ...context }: ReportContext,
): SessionReport {
  const asKept = createSessionReader(context)(text);
  const asCookie = asKept.verified === false ? createSessionReader({ ...context, salt: cookieSalt })(text) : asKept;
  const isCookie = asKept.verified === false && asCookie.verified === true;
  const session = isCookie ? asCookie : asKept;
  // A cookie of its own is good for that long, whatever its data say (contrib/sessions/backends/signed_cookies.py).
  const expires = isCookie ? expiryOfCookie(session, cookieAge) : ownExpiry(session, cookieAge, createZone(timeZone));
  const userId = userIdOf(session.data);
  return {
    key: undefined,
    session,
    storage: isCookie ? 'cookie' : undefined,
    signedAt: signedAtOf(session),
    expires,
    userId,
    user: undefined,
    verdict: judgeSession(session, {
      ...context,
      alive: expires === undefined ? undefined : Date.parse(expires) > now.getTime(),
      userId,
      user: undefined,
    }),
  };
}

function expiryOfCookie({ signedAt }: ReadSession, cookieAge: number): string | undefined {
  return signedAt === undefined ? undefined : isoTime(signedAt + cookieAge);
}

function signedAtOf({ signedAt }: ReadSession): string | undefined {
  return signedAt === undefined ? undefined : isoTime(signedAt);
}
