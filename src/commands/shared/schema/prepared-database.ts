import { userModelOf } from '../../../auth/accounts/user-model.js';
import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { type PlanStep, planSteps } from '../../../db/migrations/plan.js';
import { CommandError } from '../../../errors.js';
import { readMigrations } from '../../../schema/migration-state.js';
import { finishMigrations, migrateVisibly } from './migrating.js';
import { ensureUserMigration } from './user-migration.js';

async function pendingSteps({ settings }: Context, connection: Connection): Promise<PlanStep[]> {
  const state = await readMigrations(connection, settings);
  return planSteps(state, { kind: 'all', apps: state.apps.migrated });
}

const appsOf = (steps: readonly PlanStep[]) => [...new Set(steps.map(({ migration }) => migration.app))].sort();

function warn({ terminal }: Context, steps: readonly PlanStep[]): void {
  if (steps.length === 0) return;
  terminal.warn(
    `You have ${steps.length} unapplied migration(s). Your project may not work properly until you apply the ` +
      `migrations for app(s): ${appsOf(steps).join(', ')}.`,
  );
  terminal.warn("Run 'manage migrate' to apply them.");
}

/** Warns on stderr of migrations that are not applied (Django 5.2 core/management/base.py, check_migrations). */
export async function warnOfUnappliedMigrations(context: Context, connection: Connection): Promise<void> {
  warn(context, await pendingSteps(context, connection));
}

/** Opens the database; a missing file is made where that was asked for, or somebody agrees to it. */
async function openOrMake(
  context: Context,
  alias: string,
  { migrate, asks, assertPossible }: PrepareOptions,
): Promise<{ connection: Connection | undefined; made: boolean }> {
  try {
    return { connection: await context.connect(alias, { writes: true }), made: false };
  } catch (error) {
    const target = context.settings.databases[alias]?.target ?? {};
    const isMissingFile = error instanceof CommandError && error.code === 'missing_database' && 'filename' in target;
    if (!isMissingFile || !(asks || migrate)) throw error;
    await assertPossible(undefined);
    await ensureUserMigration(context, context.registry, undefined, asks);
    const question = `${error.message} Make it, with the tables for accounts, now? (yes/no): `;
    if (!migrate && !(await context.terminal.confirm(question))) return { connection: undefined, made: false };
    return { connection: await context.connect(alias, { create: true }), made: true };
  }
}

interface PrepareOptions {
  /** Makes a missing SQLite file and applies migrations without asking. */
  readonly migrate: boolean;
  /** Whether somebody can be asked. */
  readonly asks: boolean;
  /** Throws for an account that cannot be made, before anything is changed: see `assertRequest`. */
  assertPossible(connection: Connection | undefined): Promise<void>;
}

/**
 * Opens a database that is to get an account, with its tables: migrations are applied where that was asked for, or where
 * the table is missing and somebody agrees. Undefined where nobody does. Other unapplied migrations are a warning.
 *
 * @throws CommandError where the table is missing and nobody is asked.
 */
export async function preparedDatabase(
  context: Context,
  alias: string,
  options: PrepareOptions,
): Promise<Connection | undefined> {
  const { terminal } = context;
  const { connection, made } = await openOrMake(context, alias, options);
  if (connection === undefined) return undefined;
  await ensureUserMigration(context, connection.registry, connection, options.asks);
  const steps = await pendingSteps(context, connection);
  const { table } = userModelOf(connection.registry).model;
  const hasAccounts = (await connection.dialect.tableNames(connection.db)).includes(table);
  if (options.migrate || made) {
    if (steps.length > 0) {
      await options.assertPossible(hasAccounts ? connection : undefined);
      await migrateVisibly(context, connection, {});
    } else await finishMigrations(context, connection);
    return connection;
  }
  if (hasAccounts) {
    warn(context, steps);
    return connection;
  }
  const sentence = `The database ${connection.target} has no table '${table}' for accounts.`;
  if (steps.length === 0 || !options.asks) {
    const hint = steps.length === 0 ? 'No migration makes it.' : 'Run `manage migrate` first, or use --migrate.';
    throw new CommandError(sentence, { code: 'missing_table', hint });
  }
  await options.assertPossible(undefined);
  if (!(await terminal.confirm(`${sentence} Apply ${steps.length} migration(s) now? (yes/no): `))) return undefined;
  await migrateVisibly(context, connection, {});
  return connection;
}
