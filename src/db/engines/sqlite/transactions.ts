import type { Knex } from 'knex';
import { CommandError } from '../../../errors.js';
import { BrokenReference, type DanglingValue } from '../../dialect/broken-reference.js';
import type { OpenTransaction, TransactionMode } from '../../transactions/transaction.js';

/** A row that refers to one that is not there, as `PRAGMA foreign_key_check` says it. */
interface Violation {
  readonly table: string;
  readonly rowid: number | string | null;
  readonly parent: string;
  /** Number of the reference in the table. */
  readonly fkid: number;
}

/** Begins a transaction: see `Dialect.begin`. */
export async function beginSqlite(
  executor: Knex,
  mode: TransactionMode,
  lockTimeoutMs?: number,
): Promise<OpenTransaction> {
  if (lockTimeoutMs === undefined) return begin(executor, mode);
  const [row] = await executor.raw<{ timeout: number }[]>('PRAGMA busy_timeout');
  const restore = () => executor.raw(`PRAGMA busy_timeout = ${Number(row?.timeout ?? 0)}`);
  await executor.raw(`PRAGMA busy_timeout = ${Math.round(lockTimeoutMs)}`);
  try {
    const { end, ...transaction } = await begin(executor, mode);
    return { ...transaction, end: () => end().finally(restore) };
  } catch (error) {
    await restore();
    throw error;
  }
}

async function begin(executor: Knex, mode: TransactionMode): Promise<OpenTransaction> {
  switch (mode) {
    case 'snapshot':
      await executor.raw('PRAGMA query_only = ON');
      await executor.raw('BEGIN');
      // The snapshot is taken by the first read.
      await executor.raw('SELECT 1 FROM sqlite_master LIMIT 1');
      return open(executor, 'PRAGMA query_only = OFF');
    case 'schema': {
      // Dropping a table deletes its rows first, and that would follow the references to them. The pragma does nothing
      // inside of a transaction.
      await executor.raw('PRAGMA foreign_keys = OFF');
      await executor.raw('BEGIN IMMEDIATE');
      const before = await violations(executor);
      return open(executor, 'PRAGMA foreign_keys = ON', async () => {
        const found = newViolations(before, await violations(executor));
        if (found.length > 0) throw brokenReference(found, []);
      });
    }
    case 'write':
      await executor.raw('BEGIN IMMEDIATE');
      return open(executor);
  }
}

function open(executor: Knex, restore?: string, check?: () => Promise<void>): OpenTransaction {
  let ended = false;
  return {
    survives,
    async commit() {
      await check?.();
      try {
        await executor.raw('COMMIT');
        ended = true;
      } catch (error) {
        // A failed COMMIT leaves the transaction open, so the rows at fault can still be found.
        const found = isBrokenReference(error) ? await violations(executor) : [];
        throw found.length > 0 ? brokenReference(found, await danglingValues(executor, found), error) : error;
      }
    },
    async end() {
      try {
        if (!ended) await executor.raw('ROLLBACK');
      } catch (error) {
        // SQLite has rolled back by itself after some errors, a full disk for one.
        if (!(error instanceof Error && error.message.includes('no transaction is active'))) throw error;
      }
      if (restore !== undefined) await executor.raw(restore);
    },
  };
}

/**
 * SQLite ends a transaction by itself where the disk is full or broken, and where a trigger says so. No driver says
 * whether one is open, but a second one cannot begin; one that can is rolled back in the end.
 */
async function survives(run: (sql: string) => Promise<unknown>): Promise<boolean> {
  try {
    await run('BEGIN');
    return false;
  } catch (error) {
    return error instanceof Error && error.message.includes('within a transaction');
  }
}

function violations(executor: Knex): Promise<Violation[]> {
  return executor.raw<Violation[]>('PRAGMA foreign_key_check').then((rows) => rows);
}

/** A table that is made anew numbers its rows anew: violations are new where there are more of them than before. */
function newViolations(before: readonly Violation[], after: readonly Violation[]): readonly Violation[] {
  const known = new Set(before.filter(({ rowid }) => rowid !== null).map(rowKey));
  const countBefore = countByTables(before);
  const countAfter = countByTables(after);
  return after.filter((violation) => {
    const tables = tablesKey(violation);
    return (countAfter.get(tables) ?? 0) > (countBefore.get(tables) ?? 0) && !known.has(rowKey(violation));
  });
}

function countByTables(violations: readonly Violation[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const each of violations) counts.set(tablesKey(each), (counts.get(tablesKey(each)) ?? 0) + 1);
  return counts;
}

const tablesKey = ({ table, parent }: Violation) => JSON.stringify([table, parent]);
const rowKey = ({ table, rowid, parent, fkid }: Violation) => JSON.stringify([table, rowid, parent, fkid]);

/**
 * Notes which references are broken already; the function that it resolves with throws where there are others since, as a
 * commit would.
 */
export async function watchSqliteReferences(executor: Knex): Promise<() => Promise<void>> {
  const before = await violations(executor);
  return async () => {
    const found = newViolations(before, await violations(executor));
    if (found.length > 0) throw brokenReference(found, await danglingValues(executor, found));
  };
}

function isBrokenReference(error: unknown): boolean {
  return error instanceof CommandError && error.code === 'broken_reference';
}

/** Rows that are looked at to say what they refer to: some may have been wrong before. */
const MOST_SHOWN = 1000;

async function danglingValues(executor: Knex, found: readonly Violation[]): Promise<DanglingValue[]> {
  const columns = new Map<string, string | undefined>();
  const dangling: DanglingValue[] = [];
  for (const { table, rowid, fkid } of found.slice(0, MOST_SHOWN)) {
    const name = JSON.stringify([table, fkid]);
    if (!columns.has(name)) {
      const keys = await executor.raw<{ id: number; from: string }[]>('PRAGMA foreign_key_list(??)', [table]);
      columns.set(name, keys.find(({ id }) => id === fkid)?.from);
    }
    const column = columns.get(name);
    if (column === undefined || rowid === null) continue;
    const [row] = await executor.raw<{ value: string }[]>('SELECT CAST(?? AS TEXT) AS value FROM ?? WHERE rowid = ?', [
      column,
      table,
      rowid,
    ]);
    if (row !== undefined) dangling.push({ table, column, value: row.value });
  }
  return dangling;
}

function brokenReference(
  found: readonly Violation[],
  dangling: readonly DanglingValue[],
  cause?: unknown,
): CommandError {
  const [first] = found;
  const row = first?.rowid === null ? 'A row' : `The row ${first?.rowid}`;
  const more = found.length > 1 ? ` (and ${found.length - 1} more)` : '';
  return new BrokenReference(
    `${row} of '${first?.table}' refers to a row of '${first?.parent}' that does not exist${more}.`,
    dangling,
    {
      cause,
      hint: 'Add the missing row, or change or delete the one that refers to it.',
    },
  );
}
