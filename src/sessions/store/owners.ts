import type { DbContext } from '../../db/connect/connection.js';
import { findOtherUserModel, userModelHint } from '../../db/introspection/other-user-model.js';
import { findSessionUsers, type SessionUser } from './users.js';

/** The accounts that sessions name, as far as they are known. */
export interface SessionOwners {
  /** By key; those that are gone are missing. */
  readonly users: ReadonlyMap<string, SessionUser>;
  /** Why nothing is known of any: the accounts are in another model than the settings say. Full sentences. */
  readonly elsewhere: string | undefined;
}

/** Looks up the accounts with these keys, and finds out whether they are in another model where nobody has any of them. */
export async function findSessionOwners(connection: DbContext, ids: Iterable<string>): Promise<SessionOwners> {
  const wanted = [...ids];
  if (wanted.length === 0) return { users: new Map(), elsewhere: undefined };
  const isThere = (await connection.dialect.tableNames(connection.db)).includes(connection.registry.userModel.table);
  if (isThere) {
    const users = await findSessionUsers(connection, wanted);
    if (users.size > 0) return { users, elsewhere: undefined };
  }
  const other = await findOtherUserModel(connection, { besides: true });
  if (other !== undefined) return { users: new Map(), elsewhere: userModelHint(other) };
  // Where the table is missing and there is no other, that is the error.
  return { users: isThere ? new Map() : await findSessionUsers(connection, wanted), elsewhere: undefined };
}
