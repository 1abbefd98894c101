import { defineCommand } from '../command.js';
import type { MigrationState } from '../db/migrations/state.js';
import { UsageError } from '../errors.js';
import { readMigrations } from '../schema/migration-state.js';
import { didYouMean } from '../text.js';
import { sayMigrations, sayPlan, undeclaredApps } from './reports/migration-list.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Show all migrations, and which are applied.',
  positionals: { appLabel: { variadic: true, describe: 'Show only these apps.' } },
  options: {
    ...database,
    list: {
      type: 'boolean',
      short: 'l',
      describe: 'List by app (default). With -v2, with the time of each.',
    },
    plan: { type: 'boolean', short: 'p', describe: 'List in the order of application. With -v2, with dependencies.' },
  },
  async run(context, { appLabel, database, list, plan }) {
    if (list && plan) throw new UsageError('argument --plan/-p: not allowed with argument --list/-l');
    const connection = await context.connect(database, { declared: true });
    const state = await readMigrations(connection, context.settings);
    assertApps(state, appLabel);
    const shown = plan
      ? { plan: sayPlan(context, state, appLabel) }
      : { apps: sayMigrations(context, state, appLabel) };
    return { json: { database, ...shown } };
  },
});

function assertApps(state: MigrationState, labels: readonly string[]): void {
  const known = [...state.apps.migrated, ...state.apps.unmigrated, ...undeclaredApps(state)];
  const unknown = labels.filter((label) => !known.includes(label));
  if (unknown.length === 0) return;
  const suggestion = unknown.map((label) => didYouMean(label, known)).find((hint) => hint !== undefined);
  throw new UsageError(unknown.map((label) => `No installed app with label '${label}'.`).join('\n'), {
    code: 'unknown_app',
    ...(suggestion === undefined ? {} : { hint: suggestion }),
  });
}
