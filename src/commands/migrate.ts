import { defineCommand } from '../command.js';
import { migrationSources, strayMigrationFolders } from '../db/migrations/load.js';
import { planSteps, resolveTarget } from '../db/migrations/plan.js';
import { migrationUserModel } from '../db/migrations/user-model.js';
import { readMigratable } from '../schema/migration-state.js';
import { sayTarget } from './reports/migration.js';
import { destructive } from './shared/destructive.js';
import { database } from './shared/options.js';
import { migrateVisibly } from './shared/schema/migrating.js';
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
    fake: { type: 'boolean', describe: 'Record migrations as applied without running them.' },
    fakeInitial: {
      type: 'boolean',
      describe: "Only record an app's initial migration if its tables and columns exist.",
    },
    plan: { type: 'boolean', describe: 'Show what would be done, and change nothing.' },
    check: { type: 'boolean', describe: 'Exit with 1 if there is anything to do, and change nothing.' },
    prune: { type: 'boolean', describe: 'Forget recorded migrations of the app that no longer exist.' },
    ...destructive,
  },
  examples: [
    ['manage migrate', 'Make the database, or bring it up to date.'],
    ['manage migrate auth 0011 --plan', 'Show what going back to auth.0011 would undo.'],
  ],
  async run(context, args) {
    const { settings, terminal } = context;
    const { appLabel: app, migrationName: migration, fake, fakeInitial, check } = args;
    const planOnly = args.plan || args.dryRun;
    const connection = await context.connect(args.database, {
      create: !planOnly && !check && !args.prune,
      declared: true,
      writes: !planOnly && !check,
    });
    const stray = await strayMigrationFolders(migrationSources(settings));
    for (const folder of stray) {
      terminal.warn(`${folder} is skipped: its app is not declared. Name it in \`apps\`.`);
    }
    if (!planOnly && !check && !args.prune && !fake && migration === undefined) {
      await ensureUserMigration(context, connection.registry, connection, !args.noInput);
    }
    const state = await readMigratable(connection, settings);
    const target = resolveTarget(state, app, migration);
    if (args.prune) return pruneApp(context, connection, app);
    const steps = planSteps(state, target);
    if (planOnly || check) {
      const userModel = migrationUserModel(connection.registry, state);
      const plan = await describePlan(context, connection, steps, userModel);
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
