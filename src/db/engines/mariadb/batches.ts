import { CommandError } from '../../../errors.js';
import type { Executor } from '../../connect/connection.js';
import { scanInOrder } from '../../read/scan.js';
import type { BatchDialect } from '../../write/batches.js';
import { rowsOf } from './rows-of.js';

/** Deletes in batches: see `Dialect.batches`. A row's address is its key, which the rows of a table are sorted by. */
export const mariadbBatches: BatchDialect = {
  async parts(executor, table) {
    const key = await keyOf(executor, table);
    const list = key.map(() => '??').join(', ');
    const address = executor.raw(key.length === 1 ? list : `(${list})`, key);
    return [{ name: executor.raw('??', [table]), address, columns: executor.raw(list, key) }];
  },
  async some(executor, { name, address, columns = address }, where, limit) {
    // The statement that changes them could not choose them itself.
    const rows = await rowsOf<Record<string, string | number>>(
      executor,
      'SELECT ? FROM ? WHERE ? LIMIT ? FOR UPDATE SKIP LOCKED',
      [columns, name, where, limit],
    );
    if (rows.length === 0) return undefined;
    const values = rows.map((row) => Object.values(row));
    const places = values.map((row) => (row.length === 1 ? '?' : `(${row.map(() => '?').join(', ')})`));
    return { rows: executor.raw(`? IN (${places.join(', ')})`, [address, ...values.flat()]) };
  },
  scan: (connection, scan) => scanInOrder(connection, scan, connection.db.raw('??', [scan.key])),
  async vacuum({ db }, table) {
    await db.raw('OPTIMIZE TABLE ??', [table]);
  },
};

async function keyOf(executor: Executor, table: string): Promise<string[]> {
  const rows = await rowsOf<{ name: string }>(
    executor,
    `SELECT COLUMN_NAME AS name FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX`,
    [table],
  );
  if (rows.length > 0) return rows.map(({ name }) => name);
  // Where there is no such table, that is what is wrong.
  await executor(table).limit(0);
  throw new CommandError(`The table '${table}' has no primary key, by which its rows could be told apart.`, {
    code: 'no_primary_key',
  });
}
