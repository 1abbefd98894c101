import type { Connection } from '../../db/connect/connection.js';
import type { SelectionPreview } from '../../sessions/admin/revoke.js';
import { findSessionOwners } from '../../sessions/store/owners.js';
import { type NamedUser, namedUser } from '../../sessions/store/users.js';
import { counted } from '../../text.js';

/** Users that a dry run names. */
const SHOWN_USERS = 10;

/** One of the users of a selection with the most sessions. */
export interface TopUser extends NamedUser {
  readonly sessions: number;
  /** Whether the accounts are where the settings say. */
  readonly known: boolean;
}

/** The users with the most sessions. */
export async function topUsers(connection: Connection, { users }: SelectionPreview): Promise<TopUser[]> {
  const top = [...users].sort(([, a], [, b]) => b - a).slice(0, SHOWN_USERS);
  const ids = top.map(([id]) => id);
  const { users: found, elsewhere } = await findSessionOwners(connection, ids);
  return top.map(([id, sessions]) => ({
    ...namedUser(id, found.get(id)),
    sessions,
    known: elsewhere === undefined,
  }));
}

/** Whose sessions they are, the first users by name. */
export function userLines({ sessions, users }: SelectionPreview, top: readonly TopUser[]): string[] {
  const sumOf = (counts: Iterable<number>) => [...counts].reduce((sum, count) => sum + count, 0);
  const ofUsers = sumOf(users.values());
  const others = ofUsers - sumOf(top.map((each) => each.sessions));
  return [
    ...top.map(
      (each) => `    ${each.sessions} of ${each.username ?? (each.known ? `${each.id} (no such user)` : each.id)}`,
    ),
    ...(others > 0 ? [`    ${others} of ${counted(users.size - top.length, 'more user')}`] : []),
    ...(ofUsers > 0 && ofUsers < sessions ? [`    ${sessions - ofUsers} of unknown users`] : []),
  ];
}
