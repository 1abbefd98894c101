import type { Connection } from '../db/connect/connection.js';
import { withLock } from '../db/transactions/locks.js';
import { CommandError } from '../errors.js';
import { findModel } from '../registry/define.js';
import { clearExpiredSessions, countExpiredSessions } from '../sessions/admin/clear.js';
import { askedAbout, knownNames } from '../text.js';
import type { AppTables, CredentialApp, PruneStep, PruneOptions as RuleOptions } from './define.js';
import { type FoundApps, findApps, type UnknownVersion } from './find.js';
import { countStep, removeStep } from './prune-step.js';
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
  /** What else people may call it: the package's commands, its app and the package. */
  readonly synonyms: readonly string[];
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
    ...(has('sessions.session')
      ? [{ name: 'sessions', onRequest: false, synonyms: ['clearsessions'], steps: undefined }]
      : []),
    ...apps.flatMap(({ declaration, tables }) =>
      (declaration.prune ?? []).map((rule) => ({
        name: rule.name,
        onRequest: rule.onRequest === true,
        synonyms: [...(rule.commands ?? []), declaration.app.label, declaration.package],
        steps: () => rule.steps(tables, options),
      })),
    ),
    ...(has('admin.logentry')
      ? [{ name: 'log', onRequest: true, synonyms: ['admin'], steps: () => [logStep(connection, options)] }]
      : []),
  ];
}

function logStep(connection: Connection, { now, logAge = logDays }: RuleOptions): PruneStep {
  const model = findModel(connection.registry, 'admin.logentry');
  if (model === undefined) throw new Error('There is no log.');
  const tables: AppTables = { connection, model: () => model, has: () => true };
  return stepOf(tables, 'LogEntry', [['action_time', '<', daysBefore(now, logAge)]]);
}

const plain = (word: string) => word.toLowerCase().replaceAll(/[-_]/g, '');

/** Parts by what else they are called, capitals, dashes and underscores apart. */
const meantBy = (word: string, parts: readonly Part[]) =>
  parts.filter(({ synonyms }) => synonyms.some((each) => plain(each) === plain(word))).map(({ name }) => name);

/** @throws CommandError for a part that this database does not have, or has in a version that nobody knows. */
function chosen(found: FoundApps, parts: readonly Part[], only: readonly string[]): Part[] {
  const names = [...new Set(parts.map(({ name }) => name))];
  const unknown = only.find((name) => !names.includes(name));
  const app = unknown === undefined ? undefined : found.unknown.find((each) => each.parts.includes(unknown));
  if (app !== undefined) {
    throw new CommandError(`The part '${unknown}' cannot be cleaned up. ${app.reason}`, { code: 'unknown_version' });
  }
  if (unknown !== undefined) {
    throw new CommandError(`There is nothing in this database that '${unknown}' would clean up.`, {
      code: 'unknown_part',
      hint: askedAbout(meantBy(unknown, parts)) ?? knownNames(unknown, names, { say: 'It has' }),
    });
  }
  return parts.filter(({ name, onRequest }) => (only.length === 0 ? !onRequest : only.includes(name)));
}

/** Apps whose rows would be cleaned up if their versions were known; where parts are named, none of these is theirs. */
const leftAlone = ({ unknown }: FoundApps, only: readonly string[]) =>
  unknown.filter(({ parts }) => only.length === 0 && parts.length > 0);

/** Counts what {@link prune} would delete. */
export async function previewPruning(
  connection: Connection,
  { only = [], apps, now = new Date(), ...options }: PruneOptions = {},
): Promise<Omit<PruneResult, 'stopped'>> {
  const found = await findApps(connection, apps);
  const parts: PrunedRows[] = [];
  for (const { name, steps } of chosen(found, await partsOf(found, { now, ...options }), only)) {
    if (steps === undefined) {
      parts.push({ part: name, table: sessionTableOf(connection), rows: await countExpiredSessions(connection, now) });
      continue;
    }
    for (const each of await steps())
      parts.push({ part: name, table: each.model.table, rows: await countStep(found.connection, each) });
  }
  return { parts: summed(parts), unknown: leftAlone(found, only) };
}

const sessionTableOf = ({ registry }: Connection) => findModel(registry, 'sessions.session')?.table ?? '';

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
 * @throws CommandError of code `unknown_part` or `unknown_version`.
 */
export async function prune(
  connection: Connection,
  { only = [], apps, now = new Date(), maxSeconds, signal, onProgress, ...options }: PruneOptions = {},
): Promise<PruneResult | undefined> {
  const deadline = maxSeconds === undefined ? undefined : performance.now() + maxSeconds * 1000;
  const found = await findApps(connection, apps);
  const wanted = chosen(found, await partsOf(found, { now, ...options }), only);
  return withLock(connection, 'prune', { wait: false }, async (_assertHeld, regain) => {
    const parts: PrunedRows[] = [];
    const isOver = (): PruneResult['stopped'] =>
      signal?.aborted
        ? 'interrupted'
        : deadline !== undefined && performance.now() >= deadline
          ? 'max-seconds'
          : undefined;
    const result = (stopped: PruneResult['stopped']) => ({
      parts: summed(parts),
      stopped,
      unknown: leftAlone(found, only),
    });
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
        const rows = await removeStep(found.connection, each, {
          beforeBatch: regain,
          isOver: () => isOver() !== undefined,
          onProgress: (done) => onProgress?.(name, done),
        });
        parts.push({ part: name, table: each.model.table, rows });
        if (isOver() !== undefined) return result(isOver());
      }
    }
    return result(undefined);
  });
}
