import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { appOf, leavesOf, sorted } from '../db/migrations/graph.js';
import { loadMigrations, type MigrationSettings, migrationSources } from '../db/migrations/load.js';
import { createState, type MigrationState } from '../db/migrations/state.js';
import { migrationUserModel } from '../db/migrations/user-model.js';
import type { TableDefinition } from '../db/schema/schema-editor.js';
import { joinTable, modelTable } from '../db/schema/tables.js';
import { CommandError } from '../errors.js';
import { moduleExtension } from '../modules/module-type.js';
import { coreApps } from '../registry/core.js';
import type { Registry } from '../registry/types.js';
import { knownNames } from '../text.js';
import { type Change, changesBetween, type Defaults } from './drafts/changes.js';
import { replay } from './drafts/replay.js';
import { describeChange, doubtsOf, migrationName, migrationText } from './drafts/text.js';

/** A migration that was drafted, and not written yet. */
export interface MigrationDraft {
  /** `club.0002_member_phone`. */
  readonly key: string;
  readonly file: string;
  readonly text: string;
  /** What it changes, in words: for a person to read. */
  readonly changes: readonly string[];
  /** What a person has to decide before it is run. */
  readonly doubts: readonly string[];
}

interface Project {
  readonly settings: MigrationSettings;
  /** What the settings declare. */
  readonly registry: Registry;
}

/** Apps whose migrations are the project's to write. */
export function ownApps({ settings, registry }: Project): string[] {
  const others = new Set(coreApps.map(({ label }) => label));
  return settings.apps.map(({ label }) => label).filter((label) => !others.has(label) && hasTables(registry, label));
}

const hasTables = (registry: Registry, label: string) =>
  registry.models.some(({ app, managed }) => app === label && managed);

async function readState({ settings, registry }: Project): Promise<MigrationState> {
  const sources = migrationSources(settings);
  const migrations = await loadMigrations(sources);
  return createState(migrations, new Map(), { apps: sources.apps, userApp: registry.userModel.app });
}

/** The migrations of one app, each behind those that it depends on. */
function inOrder({ graph }: MigrationState, app: string) {
  const done = new Set<string>();
  const order: string[] = [];
  const visit = (key: string) => {
    if (done.has(key)) return;
    done.add(key);
    for (const parent of sorted([...(graph.nodes.get(key)?.parents ?? [])])) if (appOf(parent) === app) visit(parent);
    order.push(key);
  };
  for (const key of sorted([...graph.nodes.keys()].filter((each) => appOf(each) === app))) visit(key);
  return order.flatMap((key) => graph.nodes.get(key)?.migration ?? []);
}

function tablesOfApp(registry: Registry, app: string): Map<string, TableDefinition> {
  const tables = registry.models
    .filter((model) => model.app === app && model.managed)
    .flatMap((model) => [
      modelTable(registry, model),
      ...model.manyToMany.map((relation) => joinTable(registry, model, relation)).filter((join) => join !== undefined),
    ]);
  return new Map(tables.map((table) => [table.name, table]));
}

function defaultsOf(registry: Registry, app: string): Defaults {
  return new Map(
    registry.models
      .filter((model) => model.app === app)
      .flatMap(({ table, fields }) =>
        fields.flatMap(({ column, default: value }) => (value === undefined ? [] : [[`${table}.${column}`, value]])),
      ) as [string, NonNullable<Registry['models'][number]['fields'][number]['default']>][],
  );
}

/** What has to be there before: the newest migration of the app, and those that make the tables that it refers to. */
function dependenciesOf(
  { graph }: MigrationState,
  registry: Registry,
  app: string,
  changes: readonly Change[],
): string[] {
  const own = leavesOf(graph, app);
  const created = changes.flatMap((change) =>
    change.kind === 'create_table' ? change.table.columns : 'after' in change ? change.after.columns : [],
  );
  const tables = new Set(created.flatMap(({ references }) => references?.table ?? []));
  const owners = new Map(
    registry.models.flatMap((model) =>
      [model.table, ...model.manyToMany.map(({ table }) => table)].map((name) => [name, model.app]),
    ),
  );
  const apps = sorted([...new Set([...tables].flatMap((table) => owners.get(table) ?? []))].filter((a) => a !== app));
  const others = apps.flatMap((other) => (other === registry.userModel.app ? ['userModel'] : leavesOf(graph, other)));
  return [...own, ...others];
}

/**
 * Drafts the next migration of an app: the first one, or one for what its models have and its migrations do not make.
 * Undefined where they agree. Nothing is written, and no database is needed.
 *
 * @throws CommandError for an app that is not the project's.
 */
export async function draftMigration(
  project: Project,
  app: string,
  { name }: { readonly name?: string | undefined } = {},
): Promise<MigrationDraft | undefined> {
  const { settings, registry } = project;
  const own = ownApps(project);
  if (!own.includes(app)) {
    const known = settings.apps.some(({ label }) => label === app);
    throw new CommandError(
      known ? `The app '${app}' has no migrations of this project.` : `No installed app with label '${app}'.`,
      {
        code: 'unknown_app',
        hint:
          own.length === 0
            ? 'Declare an app in `apps` first.'
            : knownNames(app, own, { say: 'Those of this project are', both: true }),
      },
    );
  }
  const state = await readState(project);
  const migrations = inOrder(state, app);
  const { tables, unknown } = await replay(migrations, migrationUserModel(registry, state));
  const changes = changesBetween(tables, tablesOfApp(registry, app), defaultsOf(registry, app));
  if (changes.length === 0) return undefined;
  const number = Math.max(0, ...migrations.map((each) => Number.parseInt(each.name, 10) || 0)) + 1;
  const given = name ?? (migrations.length === 0 ? 'initial' : migrationName(changes, app));
  const fileName = `${String(number).padStart(4, '0')}_${given}`;
  const file = join(settings.root, 'migrations', app, `${fileName}${extensionOf(settings)}`);
  const uncertain = unknown.map((key) => `${key} runs raw SQL, which cannot be analysed`);
  return {
    key: `${app}.${fileName}`,
    file,
    text: migrationText(changes, dependenciesOf(state, registry, app, changes)),
    changes: changes.map(shown),
    doubts: [...doubtsOf(changes), ...uncertain],
  };
}

const signs = { create: '+', add: '+', drop: '-', alter: '~', change: '~' } as const;

function shown(change: Change): string {
  const [verb = 'alter'] = change.kind.split('_') as (keyof typeof signs)[];
  return `${signs[verb]} ${describeChange(change)}`;
}

/** Of files that are written for a project: that of its config, if it is code, or what Node loads as a module there. */
function extensionOf({ configFile, root }: MigrationSettings): string {
  const extension = extname(configFile ?? '.ts');
  return /^\.m?[tj]s$/.test(extension) ? extension : `.${moduleExtension(root)}`;
}

/** Writes a draft. @throws CommandError where the file is there already. */
export async function writeDraft({ file, text }: MigrationDraft): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  if (existsSync(file)) throw new CommandError(`The file ${file} is there already.`, { code: 'file_exists' });
  await writeFile(file, text, { flag: 'wx' });
}

/**
 * Makes sure that there is a migration for the table of the project's own user model, or the table itself: without it
 * Django's own migrations would refer to nothing, and nobody could get out of that.
 *
 * @throws CommandError of code `no_user_migration` that names the file to write.
 */
export async function assertUserTable({ settings, registry }: Project, tables: readonly string[] = []): Promise<void> {
  const { label, app, table, managed } = registry.userModel;
  if (!managed || tables.includes(table) || coreApps.some((core) => core.label === app)) return;
  const migrations = await loadMigrations(migrationSources(settings));
  if (migrations.some((migration) => migration.app === app)) return;
  throw new CommandError(`No migration makes '${table}', the table of the user model ${label}; nothing was done.`, {
    code: 'no_user_migration',
    hint: `Write ${join('migrations', app, `0001_initial${extensionOf(settings)}`)} first.`,
  });
}
