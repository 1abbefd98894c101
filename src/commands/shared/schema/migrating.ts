import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { migrationSources, strayMigrationFolders } from '../../../db/migrations/load.js';
import { findModel } from '../../../registry/define.js';
import type { Registry } from '../../../registry/types.js';
import { type MigrateOptions, type MigrateResult, migrate } from '../../../schema/migrate.js';
import { counted } from '../../../text.js';

/** What is done about migrations. */
export const migrateOptions = {
  fake: { type: 'boolean', describe: 'Record migrations as applied without running them.' },
  fakeInitial: {
    type: 'boolean',
    describe: "Only record an app's initial migration if its tables and columns exist.",
  },
  plan: { type: 'boolean', describe: 'Show what would be done, and change nothing.' },
  check: { type: 'boolean', describe: 'Exit with 1 if there is anything to do, and change nothing.' },
  prune: { type: 'boolean', describe: 'Forget recorded migrations of the app that no longer exist.' },
} as const;

type Request = Pick<MigrateOptions, 'app' | 'migration' | 'fake' | 'fakeInitial' | 'mayUndo'>;

/** Migrates a database, and says on stdout what is done as Django does. Nothing is asked. */
export async function migrateVisibly(
  { settings, connect, terminal, now, signal }: Context,
  connection: Connection,
  request: Request,
): Promise<MigrateResult> {
  const { style } = terminal;
  const timing = (seconds: number) => (terminal.verbosity >= 2 ? ` (${seconds.toFixed(3)}s)` : '');
  // Content types are those of the settings' models, even where others are taken from the database.
  const { registry } = await connect(connection.alias, { declared: true });
  const result = await migrate({ ...connection, registry }, settings, {
    ...request,
    now,
    signal,
    onWait: () => terminal.note('Another run is migrating this database: waiting for it to end.'),
    onPlan(steps) {
      terminal.say(style.heading('Running migrations:'));
      if (steps.length === 0) terminal.say('  No migrations to apply.');
    },
    onStart: ({ migration, backwards }) =>
      terminal.begin(`  ${backwards ? 'Unapplying' : 'Applying'} ${migration.key}...`),
    onDone: (_step, { fake, seconds }) => terminal.say(style.success(` ${fake ? 'FAKED' : 'OK'}${timing(seconds)}`)),
    onFail: () => terminal.say(style.error(' FAILED')),
  });
  sayWhatWasAdded({ terminal }, connection.registry, result);
  return result;
}

/**
 * Makes what follows migrations where that is missing, though none waits: a run that was killed after its migrations has not
 * come to it, and somebody may have deleted it since.
 */
export async function finishMigrations(
  { settings, registry, terminal, now, signal }: Context,
  connection: Connection,
): Promise<void> {
  const { contentTypes, permissions } = await migrate({ ...connection, registry }, settings, { now, signal });
  if (contentTypes.length + permissions.length === 0) return;
  const made = `${counted(contentTypes.length, 'content type')} and ${counted(permissions.length, 'permission')}`;
  terminal.say(`Made ${made} that were missing.`);
}

function sayWhatWasAdded({ terminal }: Pick<Context, 'terminal'>, registry: Registry, result: MigrateResult): void {
  for (const { label, verboseName } of registry.apps) {
    terminal.say(`Running post-migrate handlers for application ${label}`, 2);
    const named = ({ model, name }: { model: string; name: string }) =>
      `'${verboseName} | ${findModel(registry, `${label}.${model}`)?.verboseName ?? model} | ${name}'`;
    for (const { app, model } of result.contentTypes) {
      if (app === label) terminal.say(`Adding content type '${app} | ${model}'`, 2);
    }
    for (const permission of result.permissions) {
      if (permission.app === label) terminal.say(`Adding permission ${named(permission)}`, 2);
    }
    for (const permission of result.renamed) {
      if (permission.app === label) terminal.say(`Naming permission ${named(permission)}`, 2);
    }
  }
}

/** Warns of folders of migrations whose app nobody has declared. */
export async function warnOfStrayFolders({
  settings,
  terminal,
}: Pick<Context, 'settings' | 'terminal'>): Promise<void> {
  for (const folder of await strayMigrationFolders(migrationSources(settings))) {
    terminal.warn(`${folder} is skipped: its app is not declared. Name it in \`apps\`.`);
  }
}
