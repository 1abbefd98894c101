import { type SyncResult, syncPermissions } from '../auth/permissions/sync.js';
import type { Connection } from '../db/connect/connection.js';
import { executePlan } from '../db/migrations/execute.js';
import { isInitialApplied } from '../db/migrations/fake-initial.js';
import type { MigrationSettings } from '../db/migrations/load.js';
import { type PlanStep, planSteps, resolveTarget } from '../db/migrations/plan.js';
import { readApplied, recordApplied } from '../db/migrations/recorder.js';
import type { MigrationState } from '../db/migrations/state.js';
import { migrationUserModel } from '../db/migrations/user-model.js';
import { withLock } from '../db/transactions/locks.js';
import { assertUnbound, repeatableTransaction } from '../db/transactions/transaction.js';
import { CommandError } from '../errors.js';
import type { App, Model } from '../registry/types.js';
import { assertUserTable } from './make-migrations.js';
import { readMigratable } from './migration-state.js';

export interface MigrateOptions {
  /** Label of an app, by default all; and a migration of it, by the beginning of its name, or `zero`. */
  readonly app?: string | undefined;
  readonly migration?: string | undefined;
  /** Records the steps without doing them. */
  readonly fake?: boolean;
  /** Records an app's first migration without doing it where what it makes is there. */
  readonly fakeInitial?: boolean;
  /** Migrations (`app.name`) that may be undone; by default all that the target asks for. */
  readonly mayUndo?: ReadonlySet<string>;
  now(): Date;
  readonly signal?: AbortSignal;
  /** Another run is migrating this database, and this one waits for it. */
  onWait?(): void;
  onPlan?(steps: readonly PlanStep[]): void;
  onStart?(step: PlanStep): void;
  onDone?(step: PlanStep, result: { readonly fake: boolean; readonly seconds: number }): void;
  onFail?(step: PlanStep): void;
  /** Before an app's content types and permissions are looked at. */
  onApp?(app: App): void;
}

export interface MigrateResult extends SyncResult {
  /** `app.name` of all, in the order in which they were done. */
  readonly applied: readonly string[];
  readonly undone: readonly string[];
  /** Those of both that were only recorded. */
  readonly faked: readonly string[];
}

/**
 * Takes a database to a target, then gives it the content types and permissions of its models. One run at a time does
 * this: another one waits, and finds what is left to do. Each migration is a transaction of its own.
 *
 * @throws CommandError that names the migration which failed; the ones before it are kept.
 */
export async function migrate(
  connection: Connection,
  settings: MigrationSettings,
  options: MigrateOptions,
): Promise<MigrateResult> {
  assertUnbound(connection, 'Migrations');
  const { signal, onWait } = options;
  const result = await withLock(
    connection,
    'migrate',
    { wait: true, ...(signal === undefined ? {} : { signal }), ...(onWait === undefined ? {} : { onWait }) },
    (assertHeld) => migrateLocked(connection, settings, options, assertHeld),
  );
  if (result === undefined) throw new Error('The lock was waited for and not had.');
  return result;
}

async function migrateLocked(
  connection: Connection,
  settings: MigrationSettings,
  options: MigrateOptions,
  assertHeld: () => void,
): Promise<MigrateResult> {
  const state = await readMigratable(connection, settings);
  const steps = planSteps(state, resolveTarget(state, options.app, options.migration));
  assertMayUndo(steps, options.mayUndo);
  if (steps.some(({ backwards }) => !backwards) && !options.fake) {
    const tables = await connection.dialect.tableNames(connection.db);
    await assertUserTable({ settings, registry: connection.registry }, tables);
  }
  options.onPlan?.(steps);

  const userModel = migrationUserModel(connection.registry, state);
  const result = { applied: [] as string[], undone: [] as string[], faked: [] as string[] };
  await executePlan(connection, steps, {
    userModel,
    now: options.now,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    async isFake(step, migration) {
      assertHeld();
      if (options.fake) return true;
      if (!options.fakeInitial || step.backwards) return false;
      return isInitialApplied(connection, step.migration, migration, { userModel, now: options.now() });
    },
    onStart: (step) => options.onStart?.(step),
    onFail: (step) => options.onFail?.(step),
    onDone(step, done) {
      result[step.backwards ? 'undone' : 'applied'].push(step.migration.key);
      if (done.fake) result.faked.push(step.migration.key);
      options.onDone?.(step, done);
    },
  });
  await recordSquashed(connection, state, options.now());
  const synced = await repeatableTransaction(connection, async (bound) => {
    const tables = new Set(await bound.dialect.tableNames(bound.db));
    return syncPermissions(bound, {
      has: hasState(state, tables),
      ...(options.onApp === undefined ? {} : { onApp: options.onApp }),
    });
  });
  return { ...result, ...synced };
}

/** What was to be undone when somebody agreed to it must be all that is undone. */
function assertMayUndo(steps: readonly PlanStep[], mayUndo: ReadonlySet<string> | undefined): void {
  const other = steps.find(({ migration, backwards }) => backwards && mayUndo?.has(migration.key) === false);
  if (other === undefined) return;
  throw new CommandError(`Another run has applied ${other.migration.key} in the meantime; nothing was undone.`, {
    code: 'changed_meanwhile',
    hint: 'Run the command again.',
  });
}

/** A model's table is there, or is not for migrations to make: at an earlier state some models are yet to come. */
function hasState({ apps }: MigrationState, tables: ReadonlySet<string>) {
  return (model: Model) => tables.has(model.table) || !model.managed || apps.unmigrated.includes(model.app);
}

/** A squashed migration counts as applied once all that it replaces is. */
async function recordSquashed(connection: Connection, { migrations }: MigrationState, now: Date): Promise<void> {
  const squashed = [...migrations.values()].filter(({ replaces }) => replaces.length > 0);
  if (squashed.length === 0) return;
  await repeatableTransaction(connection, async ({ db: executor }) => {
    const recorded = await readApplied(connection, executor);
    for (const { key, replaces } of squashed) {
      if (!recorded.has(key) && replaces.every((each) => recorded.has(each))) {
        await recordApplied(connection, executor, key, now);
      }
    }
  });
}
