import type { Terminal } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import type { InspectedSession } from '../../sessions/admin/selection.js';
import { isoTime } from '../../sessions/codec/codec.js';
import { findSessionOwners, type SessionOwners } from '../../sessions/store/owners.js';
import { shortKey } from '../../sessions/store/store.js';
import { type NamedUser, namedUser, type SessionUser } from '../../sessions/store/users.js';
import { visible } from '../../text.js';
import { displayWidth, padded } from '../../ui/table.js';

/** One session, as `--json` has it. */
export interface SessionDocument {
  readonly key: string;
  /** Null where the database holds no moment for its end. */
  readonly active: boolean | null;
  readonly verified: boolean | null;
  readonly keyIndex: number | null;
  readonly signedAt: string | null;
  readonly expires: string | null;
  readonly user: NamedUser | null;
}

/** The users of the sessions of a page. */
export function ownersOf(connection: Connection, page: readonly InspectedSession[]): Promise<SessionOwners> {
  const ids = page.flatMap(({ userId }) => (userId === undefined ? [] : [userId]));
  return findSessionOwners(connection, ids);
}

/** A session for programs; of its key only the beginning, unless `showKeys`. */
export function sessionDocument(
  { key, alive, summary, userId, expires }: InspectedSession,
  users: ReadonlyMap<string, SessionUser>,
  showKeys: boolean,
): SessionDocument {
  return {
    key: showKeys ? key : shortKey(key),
    active: alive ?? null,
    verified: summary === undefined ? false : summary.verified,
    keyIndex: summary?.keyIndex ?? null,
    signedAt: summary?.signedAt === undefined ? null : isoTime(summary.signedAt),
    expires: expires() ?? null,
    user: userId === undefined ? null : namedUser(userId, users.get(userId)),
  };
}

const keyHeading = 'KEY';

/**
 * A table of sessions for people, page by page, with times in UTC: the first page has the heading, and decides how wide keys are.
 * `elsewhere` says that their users are in another table.
 */
export function sessionTable(terminal: Terminal): (page: readonly SessionDocument[], elsewhere: boolean) => string {
  let keyWidth: number | undefined;
  return (page, elsewhere) => {
    if (page.length === 0) return '';
    const width = keyWidth ?? Math.max(keyHeading.length, ...page.map(({ key }) => displayWidth(visible(key))));
    const heading = keyWidth === undefined ? headingOf(width, terminal) : '';
    keyWidth = width;
    return heading + page.map((each) => lineOf(each, terminal, { elsewhere, keyWidth: width })).join('');
  };
}

function headingOf(keyWidth: number, { style }: Terminal): string {
  const [signed, end] = ['SIGNED (UTC)', 'EXPIRES (UTC)'].map((text) => text.padEnd(19));
  return `${style.heading(`${keyHeading.padEnd(keyWidth)}  ${signed}  ${end}  STATE    USER`)}\n`;
}

function lineOf(
  { key, active, verified, signedAt, expires, user }: SessionDocument,
  { style }: Terminal,
  { elsewhere, keyWidth }: { readonly elsewhere: boolean; readonly keyWidth: number },
): string {
  const state = active === null ? style.warning('unknown') : active ? style.success('active ') : style.dim('expired');
  const [signed, end] = [signedAt ?? '-', expires ?? 'unreadable date'].map((time) => time.slice(0, 19).padEnd(19));
  return `${padded(visible(key), keyWidth)}  ${signed}  ${end}  ${state}  ${nameOf(user, verified, style, elsewhere)}\n`;
}

function nameOf(
  user: SessionDocument['user'],
  verified: boolean | null,
  style: Terminal['style'],
  elsewhere: boolean,
): string {
  if (user !== null && elsewhere) return visible(user.id);
  if (user !== null) return visible(user.username ?? '') || style.warning(`${visible(user.id)} (no such user)`);
  if (verified === true) return style.dim('anonymous');
  return style.warning(verified === null ? 'not verified' : 'not signed with a known key');
}
