import type { Connection, DbContext, Executor } from '../db/connect/connection.js';
import { sqlAsIs } from '../db/dialect/sql-as-is.js';
import { outlast } from '../db/transactions/outages.js';
import { repeatableTransaction } from '../db/transactions/transaction.js';
import { type BatchOptions, deleteInBatches, emptyInBatches } from '../db/write/batches.js';
import { CommandError } from '../errors.js';
import { counted } from '../text.js';
import type { ClearPlan, ClearStep } from './clear-plan.js';

/** Rows of a table that were deleted or changed. */
export interface ClearedRows {
  readonly table: string;
  readonly rows: number;
  /** Column that was emptied in rows that stay. */
  readonly column?: string;
}

export interface ClearOptions {
  readonly size?: number | 'all' | 'adaptive';
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/** How many rows each step of a plan would delete or change. */
export async function countCleared(executor: Executor, { steps }: Pick<ClearPlan, 'steps'>): Promise<ClearedRows[]> {
  const counts: ClearedRows[] = [];
  for (const { table, where, set } of steps) {
    const [row] = await executor(table).count({ count: '*' }).whereRaw(sqlAsIs(where));
    counts.push({ table, rows: Number(row?.count ?? 0), ...(set === undefined ? {} : { column: set.column }) });
  }
  return counts;
}

/**
 * Does what a plan says, in many short transactions, so that other programs can write meanwhile: a run that ends early
 * has done a part, and the next one goes on. Rows that refer to others always go first. Only rows that refer to each other,
 * and columns that get a default, are done in one transaction each. What other programs have locked is waited for.
 *
 * @throws CommandError where the database refuses a step; its hint says how much was done before.
 */
export async function clear(
  connection: Connection,
  { steps, parts }: Pick<ClearPlan, 'steps' | 'parts'>,
  { size = 'adaptive', signal, onProgress }: ClearOptions = {},
): Promise<ClearedRows[]> {
  const ofParts: ClearedRows[] = [];
  let done = 0;
  for (const part of parts) {
    for (;;) {
      if (signal?.aborted) break;
      const some = await oneOfMany(connection, async (bound) => clearAtOnce(bound, { steps: await part(bound) })).catch(
        (error: unknown) => {
          throw error instanceof CommandError && done > 0 ? halfDone(error, done) : error;
        },
      );
      const rows = some.reduce((sum, each) => sum + each.rows, 0);
      // A trigger or a policy of the database may keep them all.
      if (rows === 0) break;
      ofParts.push(...some);
      done += rows;
      onProgress?.(done);
    }
  }
  const cleared: ClearedRows[] = [];
  for (const step of steps) {
    if (signal?.aborted) break;
    const before = done;
    const rows = await doStep(connection, step, {
      table: step.table,
      where: (executor) => executor.raw(sqlAsIs(step.where)),
      size: step.together ? 'all' : size,
      deferReferences: step.together,
      ...(signal === undefined ? {} : { signal }),
      onProgress: (inStep) => {
        done = before + inStep;
        onProgress?.(done);
      },
    }).catch((error: unknown) => {
      throw error instanceof CommandError && done > 0 ? halfDone(error, done) : error;
    });
    done = before + rows;
    cleared.push({ table: step.table, rows, ...(step.set === undefined ? {} : { column: step.set.column }) });
  }
  return cleared.map((each) => {
    const same = ofParts.filter(({ table, column }) => table === each.table && column === each.column);
    return { ...each, rows: same.reduce((sum, { rows }) => sum + rows, each.rows) };
  });
}

/** A transaction that is begun again for the sake of others, and goes on at another server where this one is lost. */
const oneOfMany = <T>(connection: Connection, work: (bound: Connection) => Promise<T>): Promise<T> =>
  outlast(connection, () => repeatableTransaction(connection, work, { partial: true }));

/** Does what a plan says within the transaction that the connection is bound to. */
export async function clearAtOnce(
  { db, dialect }: Pick<DbContext, 'db' | 'dialect'>,
  { steps }: Pick<ClearPlan, 'steps'>,
): Promise<ClearedRows[]> {
  const cleared: ClearedRows[] = [];
  for (const { table, where, set, together } of steps) {
    const query = db(table).whereRaw(sqlAsIs(where));
    if (set === undefined) {
      const remove = async () => query.del();
      cleared.push({ table, rows: await (together ? dialect.deferReferences(db, remove) : remove()) });
    } else {
      const rows = await query.update(
        Object.fromEntries(columnsOf(set).map((column) => [column, db.raw(sqlAsIs(set.value))])),
      );
      cleared.push({ table, rows, column: set.column });
    }
  }
  return cleared;
}

const columnsOf = ({ column, also = [] }: NonNullable<ClearStep['set']>) => [column, ...also];

async function doStep(connection: Connection, { set }: ClearStep, batches: BatchOptions): Promise<number> {
  if (set === undefined) return (await deleteInBatches(connection, batches)).rows;
  if (set.value === 'NULL') return (await emptyInBatches(connection, columnsOf(set), batches)).rows;
  // The row of the default may be one of those that go: then the condition still holds for what was changed.
  return oneOfMany(connection, async ({ db }) =>
    db(batches.table)
      .whereRaw(batches.where(db))
      .update({ [set.column]: db.raw(sqlAsIs(set.value)) }),
  );
}

function halfDone({ message, code, hint = 'Run it again.', cause }: CommandError, rows: number): CommandError {
  const were = `${counted(rows, 'row')} were deleted or changed before that; run it again to continue.`;
  return new CommandError(message, { code, hint: `${hint} ${were}`, cause });
}
