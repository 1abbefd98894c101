import type { Connection } from './connection.js';

/**
 * Runs `work` while this run alone holds the lock `name` on that database, so that two runs do not meet. Resolves with
 * `undefined` without having run it where another run holds the lock and `wait` is false.
 */
export declare function withLock<T>(
  connection: Connection,
  name: string,
  options: { readonly wait: boolean; readonly signal?: AbortSignal; readonly onWait?: () => void },
  work: () => Promise<T>,
): Promise<T | undefined>;
