import type { DbContext } from '../../db/connect/connection.js';
import { isoTime } from '../codec/codec.js';
import { type ScanOptions, scanSessions } from './scan.js';
import type { InspectedSession, SelectionContext } from './selection.js';

/** What there is in the table of sessions. */
export interface SessionStats {
  readonly total: number;
  /** Those that are over. */
  readonly expired: number;
  readonly active: number;
  /** Those of which nobody can tell: the database holds no moment for their end. */
  readonly unreadableDates: number;
  /** Those that were signed with one of the keys and in which nobody has logged in. */
  readonly anonymous: number;
  /** Characters of session data, in all and in the largest session. */
  readonly size: { readonly total: number; readonly largest: number };
  /** When the first and the last one that has not expired were signed, as ISO text. */
  readonly oldest: string | undefined;
  readonly newest: string | undefined;
  /** By the key that signed them: the current one, each fallback in its order, none of them, and those that cannot be decoded. */
  readonly keys: {
    readonly current: KeyCount;
    readonly fallbacks: readonly KeyCount[];
    readonly none: KeyCount;
    readonly unreadable: KeyCount;
  };
  /** Sessions in the old format, and pickles: no Django since 4.0 and 5.0 reads those. */
  readonly legacy: number;
  readonly pickled: number;
  /** Accounts that have sessions, and those with the most. */
  readonly users: number;
  readonly top: readonly { readonly id: string; readonly sessions: number }[];
}

/** A fallback key can go when no active session is left that it has signed. */
export interface KeyCount {
  total: number;
  active: number;
}

/** Reads all sessions once. Without a secret key none is signed with a key that is known. */
export async function sessionStats(
  connection: DbContext,
  { top = 10, ...context }: SelectionContext & { readonly top?: number },
  options: ScanOptions = {},
): Promise<SessionStats> {
  const counts = createCounts(context.secretKeyFallbacks?.length ?? 0);
  for await (const page of scanSessions(connection, context, options)) {
    for (const session of page) counts.add(session);
  }
  return counts.result(top);
}

interface KeyCounts {
  readonly current: KeyCount;
  readonly fallbacks: readonly KeyCount[];
  readonly none: KeyCount;
  readonly unreadable: KeyCount;
}

/** Where a session is counted, by the key that has signed it. */
function countOf(keys: KeyCounts, { summary }: InspectedSession): KeyCount {
  if (summary === undefined) return keys.unreadable;
  const { keyIndex } = summary;
  if (keyIndex === null) return keys.none;
  return (keyIndex === 0 ? keys.current : keys.fallbacks[keyIndex - 1]) ?? keys.none;
}

function createCounts(fallbacks: number) {
  const keys = {
    current: newCount(),
    fallbacks: Array.from({ length: fallbacks }, newCount),
    none: newCount(),
    unreadable: newCount(),
  };
  let [total, active, expired, anonymous, legacy, pickled, size, largest] = [0, 0, 0, 0, 0, 0, 0, 0];
  let [oldest, newest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const users = new Map<string | number, number>();
  return {
    add(row: InspectedSession) {
      const { summary, alive, userId, trusted, text } = row;
      total += 1;
      size += text.length;
      largest = Math.max(largest, text.length);
      const count = countOf(keys, row);
      count.total += 1;
      if (alive) {
        count.active += 1;
        active += 1;
      } else if (alive === false) expired += 1;
      if (summary?.format === 'legacy') legacy += 1;
      if (summary?.serializer === 'pickle') pickled += 1;
      if (alive && summary?.signedAt !== undefined) {
        oldest = Math.min(oldest, summary.signedAt);
        newest = Math.max(newest, summary.signedAt);
      }
      if (userId !== undefined) {
        const id = compactId(userId);
        users.set(id, (users.get(id) ?? 0) + 1);
      } else if (trusted) {
        anonymous += 1;
      }
    },
    result(top: number): SessionStats {
      return {
        total,
        expired,
        active,
        unreadableDates: total - active - expired,
        anonymous,
        size: { total: size, largest },
        oldest: oldest <= newest ? isoTime(oldest) : undefined,
        newest: oldest <= newest ? isoTime(newest) : undefined,
        keys,
        legacy,
        pickled,
        users: users.size,
        top: greatest(users, top),
      };
    },
  };
}

function newCount(): KeyCount {
  return { total: 0, active: 0 };
}

/** A million short texts take three times the memory of a million numbers. */
function compactId(id: string): string | number {
  return /^(0|[1-9][0-9]{0,14})$/.test(id) ? Number(id) : id;
}

function greatest(users: ReadonlyMap<string | number, number>, top: number): SessionStats['top'] {
  const best: (readonly [string | number, number])[] = [];
  for (const entry of users) {
    if (best.length === top && (best.at(-1)?.[1] ?? 0) >= entry[1]) continue;
    const at = best.findIndex(([, count]) => count < entry[1]);
    best.splice(at < 0 ? best.length : at, 0, entry);
    best.length = Math.min(best.length, top);
  }
  return best.map(([id, sessions]) => ({ id: String(id), sessions }));
}
