import { CommandError } from '../../errors.js';
import { buildGraph, type Graph, leavesOf } from './graph.js';
import type { LoadedMigration } from './load.js';
import type { Applied } from './recorder.js';

/** The migrations that there are, and which of them are applied to a database. */
export interface MigrationState {
  readonly graph: Graph;
  /** All that were found, by `app.name`; the graph has those in use. */
  readonly migrations: ReadonlyMap<string, LoadedMigration>;
  /** What stands in the database. */
  readonly recorded: Applied;
  /** What counts as applied: a squashed migration does if all that it replaces are. */
  readonly applied: ReadonlySet<string>;
  /** Labels of declared apps that have migrations, and of those that have none. */
  readonly apps: { readonly migrated: readonly string[]; readonly unmigrated: readonly string[] };
  /** The same with squashed migrations and those that they replace side by side. */
  unsquashed(): MigrationState;
}

export interface StateOptions {
  /** Labels of all declared apps. */
  readonly apps: readonly string[];
  /** Label of the app that has the user model. */
  readonly userApp: string;
  readonly replace?: boolean;
}

/** Puts what was found and what was recorded together. */
export function createState(
  migrations: readonly LoadedMigration[],
  recorded: Applied,
  options: StateOptions,
): MigrationState {
  const { apps, userApp, replace = true } = options;
  const applied = new Set(recorded.keys());
  const graph = buildGraph(migrations, { apps, userApp, replace, applied: new Set(recorded.keys()) });
  if (replace) {
    for (const { key, replaces } of migrations) {
      if (replaces.length === 0) continue;
      if (replaces.every((replaced) => recorded.has(replaced))) applied.add(key);
      else applied.delete(key);
    }
  }
  const withMigrations = new Set(migrations.map(({ app }) => app));
  return {
    graph,
    migrations: new Map(migrations.map((migration) => [migration.key, migration])),
    recorded,
    applied,
    apps: {
      migrated: apps.filter((app) => withMigrations.has(app)),
      unmigrated: apps.filter((app) => !withMigrations.has(app)),
    },
    unsquashed: () => createState(migrations, recorded, { ...options, replace: false }),
  };
}

/**
 * Checks that nothing is applied before what it depends on.
 *
 * @throws CommandError that names both.
 */
export function assertConsistentHistory({ graph, recorded, migrations }: MigrationState, alias: string): void {
  for (const key of recorded.keys()) {
    for (const parent of graph.nodes.get(key)?.parents ?? []) {
      const replaces = migrations.get(parent)?.replaces ?? [];
      if (recorded.has(parent) || (replaces.length > 0 && replaces.every((each) => recorded.has(each)))) continue;
      throw new CommandError(
        `The migration ${key} is applied before its dependency ${parent} on the database '${alias}'.`,
        {
          code: 'inconsistent_history',
          hint: 'Correct the rows of django_migrations: if what it makes is there, record the dependency, else delete the row of the other.',
        },
      );
    }
  }
}

/**
 * Checks that every app has one newest migration.
 *
 * @throws CommandError that names all of an app that has several.
 */
export function assertNoConflict({ graph, apps }: MigrationState): void {
  const conflicts = apps.migrated
    .map((app) => ({ app, names: leavesOf(graph, app).map((key) => key.slice(app.length + 1)) }))
    .filter(({ names }) => names.length > 1)
    .map(({ app, names }) => `${names.join(', ')} in ${app}`);
  if (conflicts.length === 0) return;
  throw new CommandError(
    `Conflicting migrations detected; multiple leaf nodes in the migration graph: (${conflicts.join('; ')}).`,
    {
      code: 'conflicting_migrations',
      hint: 'Let one of them depend on the other, or write one that depends on them all.',
    },
  );
}
