import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import type { PlanStep } from '../../../db/migrations/plan.js';
import type { MigrationState } from '../../../db/migrations/state.js';
import { migrationUserModel } from '../../../db/migrations/user-model.js';
import { CommandError } from '../../../errors.js';
import { assertNotNeeded, findLosses } from '../../../schema/migration-losses.js';
import { pruneMigrations } from '../../../schema/prune-migrations.js';
import { lossLines } from '../../reports/migration.js';
import { assertAllowed, confirmDestruction } from '../destructive.js';

/** Asks before what was made is dropped. @throws CommandError where something else still needs it. */
export async function confirmLosses(
  { terminal, now }: Context,
  connection: Connection,
  state: MigrationState,
  undone: readonly PlanStep[],
  { noInput, allowProtected }: { readonly noInput: boolean; readonly allowProtected: readonly string[] },
): Promise<boolean> {
  assertAllowed(connection, allowProtected);
  const userModel = migrationUserModel(connection.registry, state);
  const losses = await findLosses(connection, undone, { userModel, now: now() });
  assertNotNeeded(losses);
  const lines = lossLines(connection, undone, losses);
  return confirmDestruction(terminal, { noInput, lines, cancelled: 'Migration cancelled.' });
}

/** Forgets recorded migrations of an app that are no more, and says which. */
export async function pruneApp(
  { settings, terminal, signal }: Context,
  connection: Connection,
  app: string | undefined,
) {
  if (app === undefined) {
    throw new CommandError('Migrations can be pruned only when an app is specified.', {
      code: 'missing_app',
      hint: 'Name one: `manage migrate APP --prune`.',
    });
  }
  terminal.say(terminal.style.heading('Pruning migrations:'));
  const pruned = await pruneMigrations(connection, settings, app, { signal });
  for (const key of pruned) terminal.say(`${terminal.style.label(`  Pruning ${key}`)}${terminal.style.success(' OK')}`);
  if (pruned.length === 0) terminal.say('  No migrations to prune.');
  return { json: { database: connection.alias, pruned } };
}
