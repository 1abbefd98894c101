import { AsyncResource } from 'node:async_hooks';
import { setImmediate } from 'node:timers';
import type { User } from '../auth/backends/user.js';
import { BadSignature } from '../crypto/signing/bad-signature.js';
import type { Row } from '../db/write/rows.js';
import { RecentMap } from '../remembered.js';
import type { SessionTextCodec } from '../sessions/codec/codec.js';
import { SessionMembers } from '../sessions/codec/members.js';
import type { SessionReader, SessionRowWithUser } from '../sessions/store/session-rows.js';

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
  const loadWithUser = loadTogether(reader);
  return async (key, now) => {
    const userKey = users.get(key);
    if (userKey !== undefined && loadWithUser !== undefined) {
      const found = await loadWithUser(key, userKey, now);
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

/** Who waits for what a query will find. */
interface Waiting {
  readonly key: string;
  readonly userKey: string;
  readonly now: Date;
  resolve(found: SessionRowWithUser | undefined): void;
  reject(error: unknown): void;
}

/** What cannot be read of one user's row is an error of who asked for that one. */
function answer({ resolve, reject }: Waiting, found: (() => SessionRowWithUser) | undefined): void {
  try {
    resolve(found?.());
  } catch (error) {
    reject(error);
  }
}

/**
 * As the reader's `loadWithUser`. What is asked for in one turn of the event loop is one query: with many requests at once, the
 * way to the database and back takes most of the time.
 */
function loadTogether(reader: SessionReader): SessionReader['loadWithUser'] {
  const { loadWithUser, loadManyWithUsers } = reader;
  if (loadWithUser === undefined || loadManyWithUsers === undefined) return loadWithUser;
  let waiting: Waiting[] = [];
  const alone = ({ key, userKey, now, resolve, reject }: Waiting): void => {
    loadWithUser(key, userKey, now).then(resolve, reject);
  };
  // In nobody's transaction, whoever has come first.
  const load = AsyncResource.bind(() => {
    const all = waiting;
    waiting = [];
    const [first] = all;
    if (all.length === 1 && first !== undefined) return alone(first);
    const asked = new Map(all.map(({ key, userKey }) => [key, userKey]));
    const now = new Date(Math.max(...all.map((each) => each.now.getTime())));
    loadManyWithUsers(asked, now).then(
      (found) => {
        for (const each of all) {
          // A session that was of somebody else a moment ago: what was found is that one's user.
          if (asked.get(each.key) !== each.userKey) alone(each);
          else answer(each, found.get(each.key));
        }
      },
      (error: unknown) => {
        for (const { reject } of all) reject(error);
      },
    );
  });
  return (key, userKey, now) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, userKey, now, resolve, reject });
      if (waiting.length === 1) setImmediate(load);
    });
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
