import { type Context, defineCommand, type Terminal } from '../command.js';
import type { Connection } from '../db/connect/connection.js';
import { migrationSources, strayMigrationFolders } from '../db/migrations/load.js';
import { type PlanStep, planSteps, resolveTarget, type Target } from '../db/migrations/plan.js';
import { migrationUserModel } from '../db/migrations/user-model.js';
import { CommandError } from '../errors.js';
import { assertNotNeeded, findLosses, type Losses } from '../schema/migration-losses.js';
import { readMigratable } from '../schema/migration-state.js';
import { pruneMigrations } from '../schema/prune-migrations.js';
import { counted } from '../text.js';
import { assertAllowed, confirmDestruction, destructive, placeOf } from './shared/destructive.js';
import { migrateVisibly } from './shared/migrating.js';
import { describePlan, showPlan } from './shared/migration-plan.js';
import { database } from './shared/options.js';
import { ensureUserMigration } from './shared/user-migration.js';
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
      terminal.warn(
        `${folder} has migrations of an app that is not declared, and is passed over: name the app in \`apps\`.`,
      );
    }
    if (!planOnly && !check && !args.prune && !fake && migration === undefined) {
      await ensureUserMigration(context, connection.registry, connection, !args.noInput);
    }
    const state = await readMigratable(connection, settings);
    const target = resolveTarget(state, app, migration);
    if (args.prune) {
      if (app === undefined) {
        throw new CommandError('Migrations can be pruned only when an app is specified.', {
          code: 'missing_app',
          hint: 'Name one: `manage migrate APP --prune`.',
        });
      }
      return prune(context, connection, app);
    }

    const steps = planSteps(state, target);
    if (planOnly || check) {
      const userModel = migrationUserModel(connection.registry, state);
      const plan = await describePlan(context, connection, steps, userModel);
      if (planOnly) showPlan(terminal, plan);
      return { json: { database: args.database, plan }, exitCode: check && plan.length > 0 ? 1 : 0 };
    }

    const undone = steps.filter(({ backwards }) => backwards);
    if (undone.length > 0 && !fake) {
      assertAllowed(connection, args.allowProtected);
      const userModel = migrationUserModel(connection.registry, state);
      const losses = await findLosses(connection, undone, { userModel, now: context.now() });
      assertNotNeeded(losses);
      const question = {
        noInput: args.noInput,
        lines: warning(connection, undone, losses),
        cancelled: 'Migration cancelled.',
      };
      if (!(await confirmDestruction(terminal, question))) {
        return { json: { database: args.database, cancelled: true } };
      }
    }
    sayTarget(terminal, target);
    const mayUndo = new Set(undone.map((step) => step.migration.key));
    const result = await migrateVisibly(context, connection, { app, migration, fake, fakeInitial, mayUndo });
    if (target.kind === 'all' && !args.noInput) await offerSuperuser(context, connection);
    return { json: { database: args.database, ...result } };
  },
});

function sayTarget({ say, style }: Terminal, target: Target): void {
  say(style.heading('Operations to perform:'));
  if (target.kind === 'all') {
    say(style.label('  Apply all migrations: ') + (target.apps.join(', ') || '(none)'));
  } else if (target.kind === 'none') {
    say(style.label('  Unapply all migrations: ') + target.app);
  } else {
    const name = target.key.slice(target.app.length + 1);
    say(`${style.label('  Target specific migration: ')}${name}, from ${target.app}`);
  }
}

function warning(connection: Connection, undone: readonly PlanStep[], { tables, columns }: Losses): string[] {
  const keys = undone.map(({ migration }) => migration.key);
  return [
    `You have requested to undo ${counted(keys.length, 'migration')} of the database ${placeOf(connection)}:`,
    `  ${keys.join(', ')}.`,
    ...(tables.length + columns.length === 0
      ? ['No table and no column is dropped.']
      : ['This will IRREVERSIBLY DROP:']),
    ...tables.map(({ table, rows }) => `  the table ${table} (${counted(rows, 'row')})`),
    ...columns.map(({ table, column }) => `  the column ${column} of ${table}`),
  ];
}

async function prune({ settings, terminal, signal }: Context, connection: Connection, app: string) {
  terminal.say(terminal.style.heading('Pruning migrations:'));
  const pruned = await pruneMigrations(connection, settings, app, { signal });
  for (const key of pruned) terminal.say(`${terminal.style.label(`  Pruning ${key}`)}${terminal.style.success(' OK')}`);
  if (pruned.length === 0) terminal.say('  No migrations to prune.');
  return { json: { database: connection.alias, pruned } };
}
