import { defineCommand } from '../command.js';
import { planSteps, resolveTarget } from '../db/migrations/plan.js';
import { readMigratable } from '../schema/migration-state.js';
import { sayTarget } from './reports/migration.js';
import { destructive } from './shared/destructive.js';
import { database } from './shared/options.js';
import { migrateOptions, migrateVisibly, warnOfStrayFolders } from './shared/schema/migrating.js';
import { describePlan, showPlan } from './shared/schema/migration-plan.js';
import { confirmLosses, pruneApp } from './shared/schema/undoing.js';
import { ensureUserMigration } from './shared/schema/user-migration.js';
import { offerSuperuser } from './user-form/superuser-offer.js';

export default defineCommand({
  describe: 'Apply migrations, and create missing content types and permissions.',
  positionals: {
    appLabel: { describe: 'Migrate only this app and its dependencies.' },
    migrationName: {
      describe: 'Migrate to this migration, forwards or backwards; `zero` unapplies all.',
    },
  },
  options: {
    ...database,
    ...migrateOptions,
    ...destructive,
  },
  examples: [
    ['manage migrate', 'Create the database, or bring it up to date.'],
    ['manage migrate auth 0011 --plan', 'Show what going back to auth.0011 would undo.'],
  ],
  async run(context, args) {
    const { settings, terminal } = context;
    const { appLabel: app, migrationName: migration, fake, fakeInitial, check } = args;
    const planOnly = args.plan || args.dryRun;
    const changes = !planOnly && !check;
    const opening = { create: changes && !args.prune, declared: true, writes: changes };
    const connection = await context.connect(args.database, opening);
    await warnOfStrayFolders(context);
    if (changes && !args.prune && !fake && migration === undefined) {
      await ensureUserMigration(context, connection.registry, connection, !args.noInput);
    }
    const state = await readMigratable(connection, settings);
    const target = resolveTarget(state, app, migration);
    if (args.prune) return pruneApp(context, connection, app);
    const steps = planSteps(state, target);
    if (!changes) {
      const plan = await describePlan(context, connection, state, steps);
      if (planOnly) showPlan(terminal, plan);
      return { json: { database: args.database, plan }, exitCode: check && plan.length > 0 ? 1 : 0 };
    }
    const undone = steps.filter(({ backwards }) => backwards);
    if (undone.length > 0 && !fake && !(await confirmLosses(context, connection, state, undone, args))) {
      return { json: { database: args.database, cancelled: true } };
    }
    sayTarget(terminal, target);
    const mayUndo = new Set(undone.map((step) => step.migration.key));
    const result = await migrateVisibly(context, connection, { app, migration, fake, fakeInitial, mayUndo });
    if (target.kind === 'all' && !args.noInput) await offerSuperuser(context, connection);
    return { json: { database: args.database, ...result } };
  },
});
