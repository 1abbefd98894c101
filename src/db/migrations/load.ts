import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../../errors.js';
import { loadModule, moduleFile } from '../../modules/load.js';
import type { ParsedSettings } from '../../settings/settings.js';
import { reasonOf } from '../../text.js';
import { builtinMigrations } from './builtin.js';
import type { Migration } from './migration.js';

/** A migration that is there to be run, with all that its place among the others depends on. */
export interface LoadedMigration {
  /** `app.name`. */
  readonly key: string;
  readonly app: string;
  readonly name: string;
  readonly dependencies: readonly string[];
  readonly replaces: readonly string[];
  load(): Promise<Migration>;
}

export interface MigrationSources {
  /** Labels of the apps that are declared. */
  readonly apps: readonly string[];
  /** Folders with a folder of migrations for each app: the project's, and those of packages. */
  readonly folders: readonly string[];
}

export type MigrationSettings = Pick<ParsedSettings, 'root' | 'configFile' | 'packages' | 'apps'>;

/** Where migrations are looked for: in packages, then in the project, which is one where it has a config file. */
export function migrationSources({ root, configFile, packages, apps }: MigrationSettings): MigrationSources {
  return {
    apps: apps.map(({ label }) => label),
    folders: [
      ...packages.flatMap(({ migrations }) => migrations ?? []),
      ...(configFile === undefined ? [] : [join(root, 'migrations')]),
    ],
  };
}

const builtinApps = new Set(builtinMigrations.map(({ app }) => app));

/** Folders of migrations for which no app is declared: they are not run, and `check` names them. */
export async function strayMigrationFolders({ apps, folders }: MigrationSources): Promise<string[]> {
  const known = new Set(apps);
  const stray: string[] = [];
  for (const folder of folders) {
    for (const app of await appFolders(folder)) if (!known.has(app)) stray.push(join(folder, app));
  }
  return stray;
}

/**
 * Finds all migrations: those that come with this program, and in the folders those of declared apps. Files whose
 * names begin with `_` are none.
 *
 * @throws CommandError for a file that cannot be loaded or is no migration, and for two with one name.
 */
export async function loadMigrations({ apps, folders }: MigrationSources): Promise<LoadedMigration[]> {
  const declared = new Set(apps);
  const found: LoadedMigration[] = builtinMigrations
    .filter(({ app }) => declared.has(app))
    .map(({ app, name, dependencies, load }) => ({
      key: `${app}.${name}`,
      app,
      name,
      dependencies,
      replaces: [],
      load: async () => (await load()).default,
    }));
  const files = new Map<string, string>();
  for (const folder of folders) {
    for (const app of await appFolders(folder)) {
      if (!declared.has(app)) continue;
      const names = (await readdir(join(folder, app))).filter((name) => moduleFile.test(name) && !/^[_~.]/.test(name));
      for (const name of names) {
        const file = join(folder, app, name);
        if (builtinApps.has(app)) throw notTheirs(app, file);
        const key = `${app}.${name.replace(moduleFile, '')}`;
        const other = files.get(key);
        if (other !== undefined) {
          throw badMigration(`The migration ${key} is there twice: ${other} and ${file}.`, 'Remove one of the files.');
        }
        files.set(key, file);
      }
    }
  }
  return [...found, ...(await Promise.all([...files].map(([key, file]) => loadFile(key, file))))];
}

async function appFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  return entries.filter((entry) => entry.isDirectory() && !/^[_~.]/.test(entry.name)).map(({ name }) => name);
}

async function loadFile(key: string, file: string): Promise<LoadedMigration> {
  let exported: unknown;
  try {
    exported = await loadModule(file);
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    throw new CommandError(`The migration ${key} cannot be loaded from ${file}: ${reasonOf(cause)}`, {
      code: 'bad_migration',
      hint: 'Fix the file.',
      cause,
    });
  }
  if (!isMigration(exported)) {
    throw badMigration(
      `${file} does not export a migration as its default.`,
      'Write `export default defineMigration({ dependencies: [], async up(db, { schema }) { … } })`.',
    );
  }
  const point = key.indexOf('.');
  return {
    key,
    app: key.slice(0, point),
    name: key.slice(point + 1),
    dependencies: exported.dependencies,
    replaces: exported.replaces ?? [],
    load: async () => exported,
  };
}

function isMigration(value: unknown): value is Migration {
  if (typeof value !== 'object' || value === null) return false;
  const { dependencies, replaces = [], up, down } = value as Partial<Record<keyof Migration, unknown>>;
  return (
    isNames(dependencies) &&
    isNames(replaces) &&
    typeof up === 'function' &&
    (down === undefined || typeof down === 'function')
  );
}

const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');

const badMigration = (message: string, hint: string) => new CommandError(message, { code: 'bad_migration', hint });

const notTheirs = (app: string, file: string) =>
  badMigration(
    `${file} is a migration of '${app}', an app of Django, which has no others than Django's.`,
    'Move it to an app of your own.',
  );
