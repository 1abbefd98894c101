import type { Connection, Executor } from '../db/connection.js';
import { transaction } from '../db/transaction.js';
import { CommandError } from '../errors.js';
import { readSessions, type SessionRow, sessionTable } from './table.js';

type Place = Pick<Connection, 'dialect' | 'registry'>;

/** Characters that tell a session apart in lists, and the fewest that are accepted for its key. */
export const shownKeyLength = 8;

/** What lists show of a key: with the whole of it one is logged in. */
export function shortKey(key: string): string {
  return key.slice(0, shownKeyLength);
}

/**
 * The session that `text` is the key of, or that alone has a key that begins with it.
 *
 * @throws CommandError where there is none, where there are several, and for text that can be neither.
 */
export async function loadSession(place: Place, executor: Executor, text: string, now: Date): Promise<SessionRow> {
  const { key } = sessionTable(place.registry);
  const rows = await readSessions(place, executor, {
    now,
    narrow: (query) => query.where(key.column, 'like', `${assertKey(text)}%`).limit(2),
  });
  return only(rows, text);
}

/** The whole key of the session that {@link loadSession} would load. */
export async function resolveSessionKey(place: Place, executor: Executor, text: string): Promise<string> {
  const { model, key } = sessionTable(place.registry);
  const keys: string[] = await executor(model.table)
    .where(key.column, 'like', `${assertKey(text)}%`)
    .orderBy(key.column)
    .limit(2)
    .pluck(key.column);
  const found = keys.map((each) => ({ key: each }));
  return only(found, text).key;
}

function assertKey(text: string): string {
  if (/^[a-z0-9]{8,40}$/.test(text)) return text;
  throw new CommandError('That is no session key.', {
    code: 'bad_session_key',
    hint: `A key has small letters and digits, 32 as a rule; its first ${shownKeyLength} or more will do.`,
  });
}

/** The only one of those whose keys begin with `text`, or the one that has it for a key. */
function only<T extends { readonly key: string }>(found: readonly T[], text: string): T {
  const [first, second] = found;
  const shown = shortKey(text);
  if (first === undefined) {
    throw new CommandError(`There is no session whose key begins with '${shown}'.`, {
      code: 'session_not_found',
      hint: 'It may have expired and been cleared away, or be in another database.',
    });
  }
  if (second === undefined || first.key === text) return first;
  throw new CommandError(`There are several sessions whose keys begin with '${shown}'.`, {
    code: 'ambiguous_session_key',
    hint: 'Give more of the key; `manage listsessions --show-keys` shows them whole.',
  });
}

/**
 * Deletes the sessions with these keys, in short transactions, as far as `where` holds for them too, and resolves with
 * how many there were.
 */
export async function deleteSessions(
  connection: Pick<Connection, 'db' | 'dialect' | 'registry'>,
  keys: readonly string[],
  where?: (executor: Executor) => ReturnType<Executor['raw']>,
): Promise<number> {
  const { model, key } = sessionTable(connection.registry);
  let deleted = 0;
  for (let start = 0; start < keys.length; start += keysPerDelete) {
    const some = keys.slice(start, start + keysPerDelete);
    deleted += await transaction(connection, async (executor) => {
      const query = executor(model.table).whereIn(key.column, some);
      if (where !== undefined) query.whereRaw(where(executor));
      return query.del();
    });
  }
  return deleted;
}

const keysPerDelete = 500;
