import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import { withLock } from '../db/transactions/locks.js';
import { outlast } from '../db/transactions/outages.js';
import { transaction } from '../db/transactions/transaction.js';
import { deletePauseMs, deleteUnlocked, nextLimit } from '../db/write/batches.js';
import { CommandError } from '../errors.js';
import { findModel, storedField } from '../registry/define.js';
import { clearExpiredSessions, countExpiredSessions } from '../sessions/admin/clear.js';
import { knownNames } from '../text.js';
import type { AppTables, CredentialApp, PruneStep, PruneOptions as RuleOptions } from './define.js';
import { type FoundApps, findApps, type UnknownVersion } from './find.js';
import { isUnreferred, removeKeys } from './remove-keys.js';
import { daysBefore, step as stepOf } from './steps.js';

export interface PruneOptions extends Partial<RuleOptions> {
  /** Parts to clean up; by default all that are there, but for those that are only done on request. */
  readonly only?: readonly string[];
  readonly apps?: readonly CredentialApp[];
  /** Begins no batch after so many seconds. */
  readonly maxSeconds?: number | undefined;
  /** Stops after the batch that is being done. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (part: string, rows: number) => void;
}

/** Rows of one table that are over. */
export interface PrunedRows {
  /** What `only` calls it. */
  readonly part: string;
  readonly table: string;
  readonly rows: number;
}

export interface PruneResult {
  readonly parts: readonly PrunedRows[];
  /** Why there may be more; undefined where it ran to the end. */
  readonly stopped: 'max-seconds' | 'interrupted' | undefined;
  readonly unknown: readonly UnknownVersion[];
}

/** One part of a clean-up: sessions, or what a rule says. */
interface Part {
  readonly name: string;
  readonly onRequest: boolean;
  /** Undefined for Django's own sessions, which have their own way. */
  readonly steps: (() => Promise<readonly PruneStep[]> | readonly PruneStep[]) | undefined;
}

/** A year: what is kept of Django's own log where it is cleaned up. */
const logDays = 365;

async function partsOf(found: FoundApps, options: RuleOptions): Promise<Part[]> {
  const { connection, apps } = found;
  const names = new Set(await connection.dialect.tableNames(connection.db));
  const has = (label: string) => names.has(findModel(connection.registry, label)?.table ?? '');
  return [
    ...(has('sessions.session') ? [{ name: 'sessions', onRequest: false, steps: undefined }] : []),
    ...apps.flatMap(({ declaration, tables }) =>
      (declaration.prune ?? []).map((rule) => ({
        name: rule.name,
        onRequest: rule.onRequest === true,
        steps: () => rule.steps(tables, options),
      })),
    ),
    ...(has('admin.logentry') ? [{ name: 'log', onRequest: true, steps: () => [logStep(connection, options)] }] : []),
  ];
}

function logStep(connection: Connection, { now, logAge = logDays }: RuleOptions): PruneStep {
  const model = findModel(connection.registry, 'admin.logentry');
  if (model === undefined) throw new Error('There is no log.');
  const tables: AppTables = { connection, model: () => model, has: () => true };
  return stepOf(tables, 'LogEntry', [['action_time', '<', daysBefore(now, logAge)]]);
}

/** @throws CommandError for a part that this database does not have. */
function chosen(parts: readonly Part[], only: readonly string[]): Part[] {
  const names = [...new Set(parts.map(({ name }) => name))];
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new CommandError(`There is nothing in this database that '${unknown}' would clean up.`, {
      code: 'unknown_part',
      hint: knownNames(unknown, names, { say: 'It has' }),
    });
  }
  return parts.filter(({ name, onRequest }) => (only.length === 0 ? !onRequest : only.includes(name)));
}

/** Counts what {@link prune} would delete. */
export async function previewPruning(
  connection: Connection,
  { only = [], apps, now = new Date(), ...options }: PruneOptions = {},
): Promise<Omit<PruneResult, 'stopped'>> {
  const found = await findApps(connection, apps);
  const parts: PrunedRows[] = [];
  for (const { name, steps } of chosen(await partsOf(found, { now, ...options }), only)) {
    if (steps === undefined) {
      parts.push({ part: name, table: sessionTableOf(connection), rows: await countExpiredSessions(connection, now) });
      continue;
    }
    for (const each of await steps())
      parts.push({ part: name, table: each.model.table, rows: await countStep(found, each) });
  }
  return { parts: summed(parts), unknown: found.unknown };
}

const sessionTableOf = ({ registry }: Connection) => findModel(registry, 'sessions.session')?.table ?? '';

async function countStep({ connection: { db } }: FoundApps, { model, where, keys }: PruneStep): Promise<number> {
  if (where !== undefined) {
    const [row] = await db(model.table).whereRaw(where(db)).count({ count: '*' });
    return Number(row?.count ?? 0);
  }
  let rows = 0;
  for await (const page of keys?.() ?? []) rows += page.length;
  return rows;
}

/** Steps of one part may be on the same table. */
function summed(parts: readonly PrunedRows[]): PrunedRows[] {
  const sums = new Map<string, PrunedRows>();
  for (const each of parts) {
    const key = `${each.part} ${each.table}`;
    sums.set(key, { ...each, rows: each.rows + (sums.get(key)?.rows ?? 0) });
  }
  return [...sums.values()];
}

/**
 * Deletes what is over in every table that is there, each by the rule of its package: sessions, tokens, codes, confirmations, logs,
 * rights on objects that are gone. It is done in short transactions, between which others write; it may be killed at any moment,
 * and the next run goes on. Resolves with undefined, and does nothing, where another run is at it already.
 *
 * @throws CommandError of code `unknown_part`.
 */
export async function prune(
  connection: Connection,
  { only = [], apps, now = new Date(), maxSeconds, signal, onProgress, ...options }: PruneOptions = {},
): Promise<PruneResult | undefined> {
  const deadline = maxSeconds === undefined ? undefined : performance.now() + maxSeconds * 1000;
  const found = await findApps(connection, apps);
  const wanted = chosen(await partsOf(found, { now, ...options }), only);
  return withLock(connection, 'prune', { wait: false }, async (_assertHeld, regain) => {
    const parts: PrunedRows[] = [];
    const isOver = (): PruneResult['stopped'] =>
      signal?.aborted
        ? 'interrupted'
        : deadline !== undefined && performance.now() >= deadline
          ? 'max-seconds'
          : undefined;
    const result = (stopped: PruneResult['stopped']) => ({ parts: summed(parts), stopped, unknown: found.unknown });
    for (const { name, steps } of wanted) {
      if (isOver() !== undefined) return result(isOver());
      if (steps === undefined) {
        const left = deadline === undefined ? {} : { maxSeconds: Math.max(0, (deadline - performance.now()) / 1000) };
        const cleared = await clearExpiredSessions(connection, {
          now,
          ...left,
          ...(signal === undefined ? {} : { signal }),
          onProgress: (rows) => onProgress?.(name, rows),
        });
        parts.push({ part: name, table: sessionTableOf(connection), rows: cleared?.deleted ?? 0 });
        continue;
      }
      for (const each of await steps()) {
        let rows = 0;
        for await (const keys of keysOf(found.connection, each)) {
          rows += await removeInBatches(found.connection, each, keys, {
            beforeBatch: regain,
            isOver: () => isOver() !== undefined,
            onProgress: (done) => onProgress?.(name, rows + done),
          });
          if (isOver() !== undefined) break;
        }
        parts.push({ part: name, table: each.model.table, rows });
        if (isOver() !== undefined) return result(isOver());
      }
    }
    return result(undefined);
  });
}

/** Keys that are read at once. */
const keysPerPage = 50_000;

/** The keys of the rows of a step, in their order, page by page: so no page looks again at what the ones before it were through. */
async function* keysOf(connection: Connection, { model, where, keys }: PruneStep): AsyncGenerator<readonly Value[]> {
  if (where === undefined) {
    yield* keys?.() ?? [];
    return;
  }
  const { db, dialect, registry } = connection;
  const field = { ...storedField(registry, model.primaryKey), column: model.primaryKey.column };
  const name = `${model.table}.${field.column}`;
  for (let after: Value | undefined; ; ) {
    const query = db(model.table)
      .select(dialect.selectColumn(db, field, field.column, model.table))
      .whereRaw(where(db))
      .orderBy(name)
      .limit(keysPerPage);
    if (after !== undefined) query.where(name, '>', dialect.bind(db, field, after) as never);
    const packed = await dialect.packRows(db, query, [{ name: field.column, field }]);
    const rows: unknown[][] = packed === null ? [] : JSON.parse(packed);
    const page = rows.map(([key]) => dialect.read(field, key));
    if (page.length > 0) yield page;
    if (page.length < keysPerPage) return;
    after = page.at(-1);
  }
}

const firstBatch = 500;

async function removeInBatches(
  connection: Connection,
  step: PruneStep,
  keys: readonly Value[],
  {
    beforeBatch,
    isOver,
    onProgress,
  }: {
    readonly beforeBatch: () => Promise<void>;
    readonly isOver: () => boolean;
    readonly onProgress: (rows: number) => void;
  },
): Promise<number> {
  let [done, limit] = [0, firstBatch];
  for (let start = 0; start < keys.length && !isOver(); ) {
    const some = keys.slice(start, start + limit);
    const started = performance.now();
    done += await outlast(connection, async () => {
      await beforeBatch();
      return transaction(connection, (bound) => removeSome(bound, step, some), {
        partial: true,
        repeatable: true,
      });
    });
    onProgress(done);
    const tookMs = performance.now() - started;
    start += some.length;
    limit = nextLimit(limit, tookMs, some.length === limit, connection.dialect.features.largestBatch);
    const pauseMs = deletePauseMs(connection, tookMs);
    if (pauseMs > 0 && start < keys.length) await sleep(pauseMs);
  }
  return done;
}

/**
 * Deletes rows with these keys, which follow each other, as far as they are still over; what somebody else has locked is left for
 * the next run.
 */
async function removeSome(bound: Connection, step: PruneStep, keys: readonly Value[]): Promise<number> {
  const { db, dialect, registry } = bound;
  const { model, where } = step;
  const field = { ...storedField(registry, model.primaryKey), column: model.primaryKey.column };
  const [first = null, last = null] = [keys[0], keys.at(-1)];
  if (where !== undefined && (step.unreferred || isUnreferred(bound, model))) {
    const ends = [`${model.table}.${field.column}`, dialect.bind(db, field, first), dialect.bind(db, field, last)];
    return deleteUnlocked(bound, model.table, (executor) =>
      executor.raw('?? BETWEEN ? AND ? AND (?)', [...ends, where(executor)] as never),
    );
  }
  const query = db(model.table).select(dialect.selectColumn(db, field, field.column, model.table));
  await dialect.whereAmong(db, query, {
    table: model.table,
    columns: [{ name: field.column, field }],
    rows: keys.map((key) => [key]),
  });
  if (where !== undefined) query.whereRaw(where(db));
  if (!dialect.features.singleWriter) query.forUpdate(model.table).skipLocked();
  const rows: Record<string, unknown>[] = await query;
  return removeKeys(
    bound,
    model,
    rows.map((row) => dialect.read(field, row[field.column])),
  );
}
