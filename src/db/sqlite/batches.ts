import type { BatchDialect, TablePart } from '../batches.js';
import type { Executor } from '../connection.js';

/** Names of the address of a row, of which a column may have taken one (sqlite.org/lang_createtable.html#rowid). */
const rowidNames = ['rowid', '_rowid_', 'oid'];

/** Deletes in batches: see `Dialect.batches`. */
export const sqliteBatches: BatchDialect = {
  async parts(executor, table) {
    return [await rowsOf(executor, table)];
  },
  some(executor, { name, address }, where, limit) {
    return executor.raw('? IN (SELECT ? FROM ? WHERE ? LIMIT ?)', [address, address, name, where, limit]);
  },
  async vacuum({ db }) {
    await db.raw('VACUUM');
  },
};

/**
 * A table WITHOUT ROWID is addressed by its key. Raw SQL is never what a promise resolves with: it would be run.
 */
async function rowsOf(executor: Executor, table: string): Promise<TablePart> {
  const name = executor.raw('??', [table]);
  const [kind]: { wr: number }[] = await executor.raw("SELECT wr FROM pragma_table_list(?) WHERE schema = 'main'", [
    table,
  ]);
  const columns: { name: string; pk: number }[] = await executor.raw('SELECT name, pk FROM pragma_table_info(?)', [
    table,
  ]);
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()));
  const rowid = rowidNames.find((each) => !taken.has(each));
  if (kind?.wr !== 1 && rowid !== undefined) return { name, address: executor.raw(rowid) };
  const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  const address = executor.raw(
    key.length === 1 ? '??' : `(${key.map(() => '??').join(', ')})`,
    key.map((column) => column.name),
  );
  return { name, address };
}
