import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { DbContext, Executor } from '../../db/connect/connection.js';
import { outlast } from '../../db/transactions/outages.js';
import { transaction } from '../../db/transactions/transaction.js';
import { type Alongside, deletePauseMs, nextLimit } from '../../db/write/batches.js';
import { CommandError } from '../../errors.js';
import { type SessionRow, sessionRows, sessionTable } from './table.js';

/** Characters that tell a session apart in lists, and the fewest that are accepted for its key. */
export const shownKeyLength = 8;

/** Characters that Django gives a key (Django 5.2 contrib/sessions/backends/base.py, _get_new_session_key). */
const wholeKeyLength = 32;

/** What lists show of a key: with the whole of it one is logged in. */
export function shortKey(key: string): string {
  return key.slice(0, shownKeyLength);
}

/**
 * The session that `text` is the key of, or that alone has a key that begins with it.
 *
 * @throws CommandError where there is none, where there are several, and for text that can be neither.
 */
export async function findSession(connection: DbContext, text: string, now: Date): Promise<SessionRow> {
  const { key } = sessionTable(connection.registry);
  const { db, dialect } = connection;
  const { query, columns, row } = sessionRows(connection, now);
  const found = query(db)
    .whereRaw(dialect.startsWith(db, key.column, assertKey(text)))
    .orderBy(key.column)
    .limit(2);
  const packed = await dialect.packRows(db, found, columns);
  const rows: unknown[][] = packed === null ? [] : JSON.parse(packed);
  return only(rows.map(row), text);
}

/** Keys of sessions by what somebody has written down of them. */
export interface ResolvedKeys {
  readonly keys: ReadonlySet<string>;
  /** Those that no session has. */
  readonly missing: readonly string[];
}

/**
 * The whole keys of the sessions that have these keys, or whose keys begin with them. What has 32 characters, as Django
 * makes keys, or more is a whole key.
 *
 * @throws CommandError where several keys begin with one of them, and for text that can be neither.
 */
export async function resolveSessionKeys(
  { db, dialect, registry }: DbContext,
  texts: readonly string[],
): Promise<ResolvedKeys> {
  const { model, key } = sessionTable(registry);
  const [whole, starts] = [new Set<string>(), new Set<string>()];
  for (const text of texts) (assertKey(text).length >= wholeKeyLength ? whole : starts).add(text);
  const select = (where: Knex.Raw) => db(model.table).whereRaw(where).pluck(key.column);
  const keys = new Set<string>(whole.size === 0 ? [] : await select(dialect.amongTexts(db, key.column, whole)));
  const missing = [...whole].filter((text) => !keys.has(text));
  for (const text of starts) {
    const found: string[] = await select(dialect.startsWith(db, key.column, text))
      .orderBy(key.column)
      .limit(2);
    const sessions = found.map((each) => ({ key: each }));
    if (sessions.length === 0) missing.push(text);
    else keys.add(only(sessions, text).key);
  }
  return { keys, missing };
}

/** The error that says that there is no session with this key. */
export function unknownSession(text: string): CommandError {
  return new CommandError(`There is no session whose key begins with '${shortKey(text)}'.`, {
    code: 'session_not_found',
    hint: 'It may have expired and been cleared away, or be in another database.',
  });
}

/** @throws CommandError for text that can be neither the key of a session nor its beginning. */
export function assertKey(text: string): string {
  if (/^[a-z0-9]{8,40}$/.test(text)) return text;
  throw new CommandError('This is not a session key.', {
    code: 'bad_session_key',
    hint: `A key has 32 to 40 lower-case letters and digits; its first ${shownKeyLength} are enough.`,
  });
}

/** The only one of those whose keys begin with `text`, or the one that has it for a key. */
function only<T extends { readonly key: string }>(found: readonly T[], text: string): T {
  const [first, second] = found;
  const shown = shortKey(text);
  if (first === undefined) throw unknownSession(text);
  if (second === undefined || first.key === text) return first;
  throw new CommandError(`There are several sessions whose keys begin with '${shown}'.`, {
    code: 'ambiguous_session_key',
  });
}

export interface DeleteOptions {
  /** Must hold for them too. */
  readonly where?: (executor: Executor) => Knex.Raw;
  /** Leaves the rest where it is aborted. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (deleted: number) => void;
  readonly alongside?: Alongside | undefined;
}

/**
 * Deletes the sessions with these keys, in short transactions with pauses in which others write, and resolves with how many
 * there were.
 */
export async function deleteSessions(
  connection: DbContext,
  keys: Iterable<string>,
  { where, signal, onProgress, alongside }: DeleteOptions = {},
): Promise<number> {
  const { model, key } = sessionTable(connection.registry);
  const left = keys[Symbol.iterator]();
  const { features } = connection.dialect;
  let [deleted, limit] = [0, firstBatch];
  for (let some = take(left, limit); some.length > 0 && !signal?.aborted; ) {
    const started = performance.now();
    const batch = some;
    deleted += await outlast(connection, () =>
      transaction(
        connection,
        async (bound) => {
          const { db } = bound;
          const query = db(model.table).whereRaw(connection.dialect.amongTexts(db, key.column, batch));
          if (where !== undefined) query.whereRaw(where(db));
          const rows = await query.del();
          if (rows > 0) await alongside?.(bound, { before: deleted, after: deleted + rows });
          return rows;
        },
        { partial: true, repeatable: true },
      ),
    );
    onProgress?.(deleted);
    const tookMs = performance.now() - started;
    // Whoever is logged out is to be so soon: batches may take twice as long as those of cleaning up.
    limit = Math.max(
      firstBatch,
      nextLimit(limit, tookMs / 2, some.length === limit, { largest: features.largestBatch }),
    );
    some = take(left, limit);
    if (some.length === 0) break;
    await sleep(deletePauseMs(connection, tookMs), undefined, signal && { signal }).catch(() => undefined);
  }
  return deleted;
}

const firstBatch = 500;

function take<T>(from: Iterator<T>, count: number): T[] {
  const taken: T[] = [];
  while (taken.length < count) {
    const { done, value } = from.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}
