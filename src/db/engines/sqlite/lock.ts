import { rm } from 'node:fs/promises';
import type { Knex } from 'knex';
import { CommandError } from '../../../errors.js';
import type { LockAttempt } from '../../transactions/locks.js';
import { identity } from './identity.js';

/**
 * A lock beside the database: the write lock of a small SQLite file that holds nothing. The system takes it away from a
 * process that dies. Nobody else can see a database in memory, so that its lock is always free.
 */
export async function openSqliteLock(
  filename: string,
  name: string,
  open: (path: string) => Knex,
): Promise<LockAttempt> {
  if (filename === ':memory:') {
    return { tryAcquire: async () => true, isHeld: () => true, regain: async () => true, release: async () => {} };
  }
  const path = `${filename}-${name.replace(/[^\w.-]/g, '_')}.lock`;
  let db: Knex | undefined;
  const close = async () => {
    await db?.destroy();
    db = undefined;
  };
  return {
    async tryAcquire() {
      for (;;) {
        // The holder removes the file when it is done. Who opened that one must take the one that came after it.
        const before = await identity(path);
        db = open(path);
        try {
          // A journal beside the file would be taken for its own by who comes after and finds a new file.
          await db.raw('PRAGMA journal_mode = MEMORY');
          await db.raw('BEGIN IMMEDIATE');
        } catch (error) {
          await close();
          if (error instanceof CommandError && error.code === 'database_locked') return false;
          throw new CommandError(`The lock file '${path}' beside the database cannot be made.`, {
            code: 'database_unreachable',
            hint: 'Give this user the right to write in that folder, and see that nothing else has this name.',
            cause: error,
          });
        }
        if (before !== undefined && before === (await identity(path))) return true;
        await close();
      }
    },
    // No other program can take the lock of an open file away.
    isHeld: () => db !== undefined,
    regain: async () => false,
    async release() {
      // It cannot be removed everywhere while it is open; then it stays, and is empty.
      if (db !== undefined) await rm(path, { force: true }).catch(() => undefined);
      await close();
    },
  };
}
