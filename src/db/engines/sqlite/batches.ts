import { CommandError } from '../../../errors.js';
import type { Executor } from '../../connect/connection.js';
import { scanInOrder } from '../../read/scan.js';
import type { BatchDialect, TablePart } from '../../write/batches.js';

/** Names of the address of a row, of which a column may have taken one (sqlite.org/lang_createtable.html#rowid). */
const rowidNames = ['rowid', '_rowid_', 'oid'];

/** Deletes in batches: see `Dialect.batches`. */
export const sqliteBatches: BatchDialect = {
  async parts(executor, table) {
    return [await rowsOf(executor, table)];
  },
  async some(executor, { name, address }, where, limit) {
    return { rows: executor.raw('? IN (SELECT ? FROM ? WHERE ? LIMIT ?)', [address, address, name, where, limit]) };
  },
  async *scan(connection, scan) {
    const { db } = connection;
    const before = await schemaVersion(db);
    // By key, each row would be looked up in another place of the file.
    const rowid = await rowidOf(db, scan.table);
    yield* scanInOrder(connection, scan, rowid === undefined ? db.raw('??', [scan.key]) : db.raw(rowid));
    // VACUUM numbers the rows anew, and counts as a change of the schema.
    if ((await schemaVersion(db)) === before) return;
    throw new CommandError(`The database was rebuilt while the rows of '${scan.table}' were read.`, {
      code: 'database_rebuilt',
      hint: 'Some rows may have been missed: run it again.',
    });
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
  const rowid = await rowidOf(executor, table);
  if (rowid !== undefined) return { name, address: executor.raw(rowid) };
  const key = (await columnsOf(executor, table)).filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  const address = executor.raw(
    key.length === 1 ? '??' : `(${key.map(() => '??').join(', ')})`,
    key.map((column) => column.name),
  );
  return { name, address };
}

/** What the rowid is called in this table, or undefined where it has none or columns have taken all its names. */
async function rowidOf(executor: Executor, table: string): Promise<string | undefined> {
  const [kind]: { wr: number }[] = await executor.raw("SELECT wr FROM pragma_table_list(?) WHERE schema = 'main'", [
    table,
  ]);
  if (kind?.wr === 1) return undefined;
  const taken = new Set((await columnsOf(executor, table)).map(({ name }) => name.toLowerCase()));
  return rowidNames.find((each) => !taken.has(each));
}

async function columnsOf(executor: Executor, table: string): Promise<readonly { name: string; pk: number }[]> {
  return executor.raw('SELECT name, pk FROM pragma_table_info(?)', [table]).then((rows) => rows);
}

async function schemaVersion(executor: Executor): Promise<number | undefined> {
  const [row]: { schema_version: number }[] = await executor.raw('PRAGMA schema_version');
  return row?.schema_version;
}
