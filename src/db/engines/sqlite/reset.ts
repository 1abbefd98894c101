import { CommandError } from '../../../errors.js';
import type { Executor } from '../../connect/connection.js';
import { sqlAsIs } from '../../dialect/sql-as-is.js';
import { quote } from '../../dialect/sql-text.js';
import type { ResetOptions } from '../engine.js';
import { openSqlite } from './open.js';
import type { SqliteTarget } from './url.js';

/**
 * Drops all that the file holds in one transaction: it keeps its owner, its rights and the links to it, programs that have
 * it open find it empty, and whatever ends the run half way leaves all as it was. Nothing happens while another program
 * is at work in it.
 */
export async function resetSqlite(target: SqliteTarget, { driver }: Pick<ResetOptions, 'driver'>): Promise<void> {
  if (target.filename === ':memory:') {
    throw new CommandError('A database in memory is new in each run.', {
      code: 'in_memory',
      hint: 'There is nothing to reset.',
    });
  }
  const { db } = await openSqlite(target, { create: true, ...(driver === undefined ? {} : { driver }) });
  try {
    await db.raw('PRAGMA foreign_keys = OFF');
    await db.raw('BEGIN EXCLUSIVE');
    try {
      await dropAll(db);
      await db.raw('COMMIT');
    } catch (error) {
      await db.raw('ROLLBACK').catch(() => undefined);
      throw error;
    }
    // It is empty already; this takes what was there out of the file, unless somebody reads at this moment.
    await db.raw('VACUUM').catch((error: unknown) => {
      if (!(error instanceof CommandError && error.code === 'database_locked')) throw error;
    });
  } finally {
    await db.destroy();
  }
}

async function dropAll(executor: Executor): Promise<void> {
  // Virtual tables drop their own plain ones with them.
  const found = await executor.raw<{ name: string; type: 'table' | 'view' }[]>(
    `SELECT name, type FROM sqlite_master
     WHERE type IN ('table', 'view') AND (name NOT LIKE 'sqlite\\_%' ESCAPE '\\' OR name LIKE 'sqlite\\_stat_' ESCAPE '\\')
     ORDER BY type DESC, lower(sql) NOT LIKE 'create virtual%'`,
  );
  for (const { name, type } of found) {
    await executor.raw(`DROP ${type === 'view' ? 'VIEW' : 'TABLE'} IF EXISTS ${sqlAsIs(quote(name))}`);
  }
  await executor.raw('PRAGMA user_version = 0');
  await executor.raw('PRAGMA application_id = 0');
}
