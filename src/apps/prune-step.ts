import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import { allOf } from '../db/read/expressions.js';
import { outlast } from '../db/transactions/outages.js';
import { isBound, transaction } from '../db/transactions/transaction.js';
import { deletePauseMs, deleteUnlocked } from '../db/write/batches.js';
import { inRange, type KeyRange, keyless, nextRange } from '../db/write/key-ranges.js';
import { storedField } from '../registry/define.js';
import type { PruneStep } from './define.js';
import { createPace, type Done } from './prune-pace.js';
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

const nothing: Done = { tookMs: 0, removed: 0, lastMs: 0, lastRemoved: 0, full: true };

/** Transactions at once, where others may change rows of the same table meanwhile: most of the time goes into looking who refers to a row. */
const workers = 2;

/**
 * Deletes the rows of a step, and resolves with how many there were: range by range of their keys, in short transactions, which
 * no row is looked at twice for. What somebody else has locked is left for the next run.
 */
export async function removeStep(
  connection: Connection,
  step: PruneStep,
  { beforeBatch, isOver, onProgress }: StepOptions,
): Promise<number> {
  const { features } = connection.dialect;
  const pace = createPace(features);
  let [done, failed] = [0, false];
  const stops = () => failed || isOver();
  const claim = rangesOf(step);
  const work = async () => {
    for (let full = true; full && !stops(); ) {
      const ranges: Range[] = [];
      let [started, soFar]: [number, Done] = [0, nothing];
      const removeSome = async (bound: Connection) => {
        // Others wait from here on, and until it is committed; what it has waited for itself is no reason to do less.
        started = performance.now();
        soFar = nothing;
        // Where it is done again it begins with the ranges that it had.
        for (let n = 0; n === 0 || n < ranges.length || (pace.hasTime(soFar) && !stops()); n++) {
          const range = ranges[n] ?? (await claim(bound, pace.rows()));
          full = range !== undefined && range !== keyless;
          if (range === undefined) return;
          ranges[n] = range;
          const lastRemoved = await removeRange(bound, step, range);
          const tookMs = performance.now() - started;
          const [removed, lastMs] = [soFar.removed + lastRemoved, tookMs - soFar.tookMs];
          soFar = { tookMs, removed, lastMs, lastRemoved, full };
          if (!full) return;
        }
      };
      await outlast(connection, async () => {
        await beforeBatch();
        return transaction(connection, removeSome, { partial: true, repeatable: true });
      });
      const tookMs = performance.now() - started;
      done += soFar.removed;
      onProgress(done);
      pace.learn({ ...soFar, commitMs: tookMs - soFar.tookMs });
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

type Range = KeyRange | typeof keyless;

/** Takes the next range of the table, for one after the other. */
function rangesOf({ model }: PruneStep): (bound: Connection, rows: number) => Promise<Range | undefined> {
  let [after, left]: [Value | undefined, 'keys' | 'keyless' | 'nothing'] = [undefined, 'keys'];
  let last: Promise<Range | undefined> = Promise.resolve(undefined);
  return (bound, rows) => {
    last = last
      .catch(() => undefined)
      .then(async () => {
        if (left === 'keys') {
          const range = await nextRange(bound, model, after, rows);
          after = range.upTo;
          if (after === undefined) left = 'keyless';
          return range;
        }
        if (left === 'nothing') return undefined;
        left = 'nothing';
        return keyless;
      });
    return last;
  };
}

/** Deletes the rows of a step that are in a range, with what refers to them. */
async function removeRange(bound: Connection, step: PruneStep, range: Range): Promise<number> {
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
