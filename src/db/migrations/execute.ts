import { CommandError, OperationCancelled } from '../../errors.js';
import type { Connection, Executor } from '../connect/connection.js';
import { databaseReason } from '../dialect/error-text.js';
import type { EditorOptions } from '../schema/schema-editor.js';
import { repeatableTransaction, transaction } from '../transactions/transaction.js';
import type { LoadedMigration } from './load.js';
import type { Migration, MigrationContext, MigrationUserModel } from './migration.js';
import type { PlanStep } from './plan.js';
import { endProgress, forgetBegun, noteBegun } from './progress.js';
import { ensureRecords, isRecorded, recordApplied, recordUnapplied } from './recorder.js';

export interface ExecuteOptions {
  readonly userModel: MigrationUserModel;
  now(): Date;
  readonly signal?: AbortSignal;
  /** Whether to record the step without doing it. */
  isFake(step: PlanStep, migration: Migration): Promise<boolean>;
  onStart?(step: PlanStep): void;
  onDone?(step: PlanStep, result: { readonly fake: boolean; readonly seconds: number }): void;
  onFail?(step: PlanStep): void;
}

/** A squashed migration is recorded as those that it replaces. */
const recordedKeys = ({ key, replaces }: LoadedMigration) => (replaces.length > 0 ? replaces : [key]);

async function record(connection: Connection, { migration, backwards }: PlanStep, now: Date): Promise<void> {
  for (const key of recordedKeys(migration)) {
    if (!backwards) await recordApplied(connection, connection.db, key, now);
    else await recordUnapplied(connection.db, key);
  }
  if (backwards) await recordUnapplied(connection.db, migration.key);
}

async function perform(
  { db, dialect }: Connection,
  migration: Migration,
  { backwards }: PlanStep,
  { userModel, now }: ExecuteOptions,
  editing: Pick<EditorOptions, 'resumed' | 'onChange'> = {},
): Promise<void> {
  const schema = await dialect.editor(db, { backwards, now: now(), ...editing });
  const context: MigrationContext = {
    schema,
    userModel,
    operation() {},
    run: (_description, work) => work(db),
  };
  await (backwards ? migration.down?.(db, context) : migration.up(db, context));
  await schema.finish();
}

/** Another program, Django for one, may have been here since the state was read: the lock is this program's own. */
async function assertUnchanged(executor: Executor, { migration, backwards }: PlanStep): Promise<void> {
  for (const key of recordedKeys(migration)) {
    if ((await isRecorded(executor, key)) === backwards) continue;
    throw new CommandError(
      `Another program has ${backwards ? 'undone' : 'applied'} ${key} in the meantime; nothing was done twice.`,
      { code: 'changed_meanwhile', hint: 'Run the command again.' },
    );
  }
}

async function takeStep(connection: Connection, step: PlanStep, options: ExecuteOptions): Promise<boolean> {
  const migration = await step.migration.load();
  if (step.backwards && migration.down === undefined) {
    throw new CommandError(`The migration ${step.migration.key} cannot be undone.`, {
      code: 'irreversible',
      hint: 'Give it a `down`, or record it as unapplied once the database is as before.',
    });
  }
  const fake = await options.isFake(step, migration);
  if (!connection.dialect.features.transactionalDdl && !fake) {
    await performInPieces(connection, migration, step, options);
    return fake;
  }
  if (migration.atomic === false && !fake) {
    await perform(connection, migration, step, options);
    await repeatableTransaction(connection, (bound) => record(bound, step, options.now()));
    return fake;
  }
  await transaction(
    connection,
    async (bound) => {
      await assertUnchanged(bound.db, step);
      if (!fake) await perform(bound, migration, step, options);
      await record(bound, step, options.now());
      if (!connection.dialect.features.transactionalDdl) await forgetBegun(bound, step);
    },
    { mode: fake ? 'write' : 'schema' },
  );
  return fake;
}

/** Each statement is committed by itself: a run that ends half way has done a part, and the next one looks what there is. */
async function performInPieces(
  connection: Connection,
  migration: Migration,
  step: PlanStep,
  options: ExecuteOptions,
): Promise<void> {
  await assertUnchanged(connection.db, step);
  const resumed = await noteBegun(connection, step);
  let isTouched = resumed;
  const onChange = () => {
    isTouched = true;
  };
  try {
    await perform(connection, migration, step, options, { resumed, onChange });
  } catch (error) {
    if (isTouched || !saysExists(error)) throw error;
    // The next run is not to take for its own what was there before.
    await forgetBegun(connection, step);
    await endProgress(connection);
    throw new CommandError(databaseReason(error), { code: 'tables_exist', cause: error });
  }
  await repeatableTransaction(connection, async (bound) => {
    await record(bound, step, options.now());
    await forgetBegun(bound, step);
  });
}

const saysExists = (error: unknown) => /already exists/.test(error instanceof Error ? error.message : '');

function failure(
  { dialect }: Pick<Connection, 'dialect'>,
  { migration, backwards }: PlanStep,
  atomic: boolean,
  error: unknown,
): CommandError {
  // These name the migration themselves.
  if (error instanceof CommandError && ['irreversible', 'changed_meanwhile', 'lock_lost'].includes(error.code))
    return error;
  const deed = backwards ? 'undone' : 'applied';
  const isUntouched = error instanceof CommandError && error.code === 'tables_exist';
  const kept = isUntouched
    ? 'Nothing of it was done.'
    : !dialect.features.transactionalDdl
      ? `${dialect.displayName} cannot roll back schema changes: what was done stays, and the next run continues from there.`
      : atomic
        ? 'Nothing of it was kept, and what was done before it stays.'
        : 'It does not run in a transaction: see what it has done.';
  const known = error instanceof CommandError ? error.hint : undefined;
  const code = saysExists(error) && !backwards ? 'tables_exist' : 'migration_failed';
  return new CommandError(`The migration ${migration.key} could not be ${deed}: ${databaseReason(error)}`, {
    code,
    hint: [kept, code === 'tables_exist' ? undefined : known].filter(Boolean).join(' '),
    cause: error,
  });
}

/**
 * Takes the steps one by one, each with its record in one transaction, so that a run that dies leaves nothing half
 * done. Makes `django_migrations` first where there is something to do.
 *
 * @throws CommandError that names the migration which failed and the database's reason; OperationCancelled between two
 * migrations when `signal` is aborted.
 */
export async function executePlan(
  connection: Connection,
  steps: readonly PlanStep[],
  options: ExecuteOptions,
): Promise<void> {
  if (steps.length === 0) return;
  await repeatableTransaction(connection, (bound) => ensureRecords(bound, bound.db));
  for (const step of steps) {
    if (options.signal?.aborted) throw new OperationCancelled();
    const start = performance.now();
    options.onStart?.(step);
    try {
      const fake = await takeStep(connection, step, options);
      options.onDone?.(step, { fake, seconds: (performance.now() - start) / 1000 });
    } catch (error) {
      options.onFail?.(step);
      if (error instanceof OperationCancelled) throw error;
      const { atomic = true } = await step.migration.load();
      throw failure(connection, step, atomic, error);
    }
  }
  if (!connection.dialect.features.transactionalDdl) await endProgress(connection);
}
