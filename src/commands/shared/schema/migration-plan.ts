import type { Context, Terminal } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import type { PlanStep } from '../../../db/migrations/plan.js';
import { rehearse } from '../../../db/migrations/rehearse.js';
import type { MigrationState } from '../../../db/migrations/state.js';
import { migrationUserModel } from '../../../db/migrations/user-model.js';

/** A step as `--plan` shows it. */
export interface PlannedStep {
  readonly migration: string;
  readonly backwards: boolean;
  readonly operations: readonly string[];
  readonly irreversible?: true;
}

/** Says in words what each step does, as Django's `describe_operation` does: what is undone is named as it was done. */
export async function describePlan(
  { now }: Pick<Context, 'now'>,
  connection: Connection,
  state: MigrationState,
  steps: readonly PlanStep[],
): Promise<PlannedStep[]> {
  const userModel = migrationUserModel(connection.registry, state);
  const planned: PlannedStep[] = [];
  for (const { migration: loaded, backwards } of steps) {
    const migration = await loaded.load();
    const operations = await rehearse(connection, migration, { backwards: false, userModel, now: now() }).then(
      ({ entries }) =>
        entries.flatMap((entry) => {
          if (entry.kind === 'operation') return [`${backwards ? 'Undo ' : ''}${entry.description}`];
          return entry.kind === 'work' ? [`Raw operation -> ${entry.description}`] : [];
        }),
      () => ['What it does depends on what is in the database.'],
    );
    const irreversible = backwards && migration.down === undefined;
    planned.push({ migration: loaded.key, backwards, operations, ...(irreversible ? { irreversible } : {}) });
  }
  return planned;
}

export function showPlan({ say, style }: Terminal, plan: readonly PlannedStep[]): void {
  say(style.label('Planned operations:'));
  if (plan.length === 0) say('  No planned migration operations.');
  for (const { migration, operations, irreversible } of plan) {
    say(style.heading(migration));
    for (const operation of operations) say(`    ${operation}`);
    if (irreversible) say(style.warning('    IRREVERSIBLE'));
  }
}
