import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import { allOf } from '../db/read/expressions.js';
import { outlast } from '../db/transactions/outages.js';
import { isBound, transaction } from '../db/transactions/transaction.js';
import { deletePauseMs, deleteUnlocked, nextLimit } from '../db/write/batches.js';
import { inRange, type KeyRange, nextRange } from '../db/write/key-ranges.js';
import { storedField } from '../registry/define.js';
import type { PruneStep } from './define.js';
import { isUnreferred, removeKeys } from './remove-keys.js';

/** How many rows a step is about. */
export async function countStep({ db }: Pick<Connection, 'db'>, { model, where }: PruneStep): Promise<number> {
  const [row] = await db(model.table).whereRaw(where(db)).count({ count: '*' });
  return Number(row?.count ?? 0);
}

interface StepOptions {
  readonly beforeBatch: () => Promise<void>;
  readonly isOver: () => boolean;
  readonly onProgress: (rows: number) => void;
}

/**
 * Rows that the first transaction looks at, and the fewest: most of what a smaller one costs are pages of indexes, one for nearly
 * each row, and the commit. Where others cannot write meanwhile they are to have their turn soon.
 */
const firstRange = { shared: 5000, alone: 2000 };
/** Transactions at once, where others may change rows of the same table meanwhile: most of the time goes into looking who refers to a row. */
const workers = 2;

/**
 * Deletes the rows of a step, and resolves with how many there were: range by range of their keys, each in a short transaction of its
 * own, which no row is looked at twice for. What somebody else has locked is left for the next run.
 */
export async function removeStep(
  connection: Connection,
  step: PruneStep,
  { beforeBatch, isOver, onProgress }: StepOptions,
): Promise<number> {
  const { features } = connection.dialect;
  const smallest = features.singleWriter ? firstRange.alone : firstRange.shared;
  let [done, limit, failed] = [0, smallest, false];
  const stops = () => failed || isOver();
  const ranges = rangesOf(connection, step, { beforeBatch, size: () => limit });
  const work = async () => {
    for (;;) {
      const range = stops() ? undefined : (await ranges.next()).value;
      if (range === undefined) return;
      let started = performance.now();
      const rows = await outlast(connection, () =>
        transaction(
          connection,
          (bound) => {
            // Others wait from here on, and until it is committed; what it has waited for itself is no reason for smaller ranges.
            started = performance.now();
            return removeRange(bound, step, range);
          },
          { partial: true, repeatable: true },
        ),
      );
      const tookMs = performance.now() - started;
      done += rows;
      onProgress(done);
      const full = range.upTo !== undefined;
      limit = nextLimit(limit, tookMs, full, { smallest, largest: features.largestBatch });
      const pauseMs = deletePauseMs(connection, tookMs);
      if (pauseMs > 0 && full) await sleep(pauseMs);
    }
  };
  const alone = features.singleWriter || isBound(connection);
  const all = Array.from({ length: alone ? 1 : workers }, () =>
    work().catch((error: unknown) => {
      failed = true;
      throw error;
    }),
  );
  await Promise.allSettled(all);
  await Promise.all(all);
  return done;
}

async function* rangesOf(
  connection: Connection,
  { model }: PruneStep,
  { beforeBatch, size }: Pick<StepOptions, 'beforeBatch'> & { readonly size: () => number },
): AsyncGenerator<KeyRange, undefined> {
  for (let after: Value | undefined; ; ) {
    const range = await outlast(connection, async () => {
      await beforeBatch();
      return nextRange(connection, model, after, size());
    });
    yield range;
    if (range.upTo === undefined) return;
    after = range.upTo;
  }
}

/** Deletes the rows of a step that are in a range, with what refers to them. */
async function removeRange(bound: Connection, step: PruneStep, range: KeyRange): Promise<number> {
  const { db, dialect, registry } = bound;
  const { model, where } = step;
  const meant = (executor: Connection['db']) =>
    allOf(executor, [inRange({ ...bound, db: executor }, model, range), where(executor)]);
  if (step.unreferred || isUnreferred(bound, model)) return deleteUnlocked(bound, model.table, meant);
  const field = { ...storedField(registry, model.primaryKey), column: model.primaryKey.column };
  const query = db(model.table)
    .select(dialect.selectColumn(db, field, field.column, model.table))
    .whereRaw(meant(db));
  if (!dialect.features.singleWriter) query.forUpdate(model.table).skipLocked();
  const rows: Record<string, unknown>[] = await query;
  return removeKeys(
    bound,
    model,
    rows.map((row) => dialect.read(field, row[field.column])),
  );
}
