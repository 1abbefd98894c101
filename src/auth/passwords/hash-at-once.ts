import { availableParallelism } from 'node:os';

/** Hashes that need much memory each (argon2 of Django 100 MB) are made by no more than this many at once. */
const mostOfLarge = 8;

/**
 * How many passwords are hashed at once: as many as there are cores, and one more that is ready. Node's threads do it, of which
 * the program starts as many; in a program of your own, set `UV_THREADPOOL_SIZE` before it starts.
 */
function hashesAtOnce(hasher: string | undefined): number {
  const cores = availableParallelism() + 1;
  return hasher === undefined || hasher.startsWith('pbkdf2') ? cores : Math.min(cores, mostOfLarge);
}

/** Does `work` for every item, for as many at once as it is good for hashing with `hasher`. */
export async function hashAtOnce<T>(
  items: Iterable<T>,
  hasher: string | undefined,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: hashesAtOnce(hasher) }, worker));
}
