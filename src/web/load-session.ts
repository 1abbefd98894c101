import type { User } from '../auth/backends/user.js';
import { BadSignature } from '../crypto/signing/bad-signature.js';
import type { Row } from '../db/write/rows.js';
import { RecentMap } from '../remembered.js';
import type { SessionTextCodec } from '../sessions/codec/codec.js';
import { SessionMembers } from '../sessions/codec/members.js';
import type { SessionReader } from '../sessions/store/session-rows.js';

/** A visitor's session as it was read. */
export interface LoadedSession {
  readonly members: SessionMembers;
  /** The user who was looked for in the same query, and who that is; it need not be the one whom the session names. */
  readonly userKey?: string;
  readonly user?: User | undefined;
}

/** Sessions whose users are remembered, and once more as many. */
const most = 10_000;

/**
 * Reads sessions, each with the user whom it named when it was read before: then one query is enough for both. What the
 * session names now decides.
 */
export function createSessionLoader(
  reader: SessionReader,
  codec: SessionTextCodec,
  createUser: (row: Row) => User,
  isUserKey: (text: string) => boolean,
): (key: string, now: Date) => Promise<LoadedSession | undefined> {
  const users = new RecentMap<string>(most);
  return async (key, now) => {
    const userKey = users.get(key);
    if (userKey !== undefined && reader.loadWithUser !== undefined) {
      const found = await reader.loadWithUser(key, userKey, now);
      if (found === undefined) return undefined;
      const { text, user } = found;
      const members = readMembers(codec, text);
      note(members);
      return { members, userKey, user: user && createUser(user) };
    }
    const found = await reader.load(key, now);
    if (found === undefined) return undefined;
    const members = readMembers(codec, found.text);
    note(members);
    return { members };

    function note(read: SessionMembers): void {
      const id = read.get('_auth_user_id');
      if (typeof id === 'string' && id !== userKey && isUserKey(id)) users.set(key, id);
    }
  };
}

/** A row that holds something else than a session is an empty one, as in Django. */
function readMembers(codec: SessionTextCodec, text: string): SessionMembers {
  try {
    return new SessionMembers(codec.decode(text));
  } catch (error) {
    if (error instanceof BadSignature) return new SessionMembers();
    throw error;
  }
}
