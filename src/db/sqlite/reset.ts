import { rm, truncate, writeFile } from 'node:fs/promises';
import { CommandError } from '../../errors.js';
import type { DatabaseTarget } from '../../settings.js';
import { openSqlite } from './open.js';

/**
 * Makes the file an empty one, which is an empty database: it keeps its owner, its rights and the links to it. Nothing
 * happens while another program writes.
 */
export async function resetSqlite(target: Extract<DatabaseTarget, { engine: 'sqlite' }>): Promise<void> {
  const { filename } = target;
  if (filename === ':memory:') {
    throw new CommandError('A database in memory is new in each run.', {
      code: 'in_memory',
      hint: 'There is nothing to reset.',
    });
  }
  await writeFile(filename, '', { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const { db } = await openSqlite(target, {});
  try {
    await db.raw('BEGIN EXCLUSIVE');
    await db.raw('ROLLBACK');
  } finally {
    await db.destroy();
  }
  await truncate(filename, 0);
  for (const suffix of ['-wal', '-shm', '-journal']) await rm(`${filename}${suffix}`, { force: true });
}
