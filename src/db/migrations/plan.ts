import { CommandError, UsageError } from '../../errors.js';
import { didYouMean, several } from '../../text.js';
import { backwardsPlan, forwardsPlan, fullPlan, leavesOf, rootsOf } from './graph.js';
import type { LoadedMigration } from './load.js';
import type { MigrationState } from './state.js';

/** One migration to apply, or to undo. */
export interface PlanStep {
  readonly migration: LoadedMigration;
  readonly backwards: boolean;
}

/** Where the database is to be: everything (an app's, or all), one migration of an app, or nothing of an app. */
export type Target =
  | { readonly kind: 'all'; readonly apps: readonly string[] }
  | { readonly kind: 'one'; readonly app: string; readonly key: string }
  | { readonly kind: 'none'; readonly app: string };

/**
 * The app with this label, which must have migrations.
 *
 * @throws CommandError where it is not declared or has none.
 */
export function assertMigrated({ apps }: MigrationState, app: string): void {
  if (apps.migrated.includes(app)) return;
  if (apps.unmigrated.includes(app)) {
    throw new CommandError(`App '${app}' does not have migrations.`, {
      code: 'no_migrations',
      hint: `Give it some in migrations/${app}/, or leave it out: its tables are made elsewhere.`,
    });
  }
  const hint = didYouMean(app, [...apps.migrated, ...apps.unmigrated]);
  throw new CommandError(`No installed app with label '${app}'.`, {
    code: 'unknown_app',
    ...(hint === undefined ? {} : { hint }),
  });
}

/**
 * The migration of an app that has this name, or the only one whose name begins so.
 *
 * @throws CommandError where none or several do.
 */
export function findMigration({ migrations }: MigrationState, app: string, prefix: string): LoadedMigration {
  const own = [...migrations.values()].filter((migration) => migration.app === app);
  const exact = own.find(({ name }) => name === prefix);
  if (exact !== undefined) return exact;
  const found = own.filter(({ name }) => name.startsWith(prefix));
  const [first] = found;
  if (first === undefined) {
    throw new CommandError(`Cannot find a migration matching '${prefix}' from app '${app}'.`, {
      code: 'unknown_migration',
    });
  }
  if (found.length > 1) {
    throw new CommandError(`More than one migration matches '${prefix}' in app '${app}'. Please be more specific.`, {
      code: 'ambiguous_migration',
      hint: `They are ${several(found.map(({ name }) => name).sort())}.`,
    });
  }
  return first;
}

/**
 * What the arguments of `migrate` mean.
 *
 * @throws CommandError as {@link assertMigrated} and {@link findMigration} do.
 */
export function resolveTarget(state: MigrationState, app: string | undefined, name: string | undefined): Target {
  if (app === undefined) {
    if (name !== undefined) throw new UsageError('A migration is named without its app.');
    return { kind: 'all', apps: state.apps.migrated.toSorted() };
  }
  assertMigrated(state, app);
  if (name === undefined) return { kind: 'all', apps: [app] };
  if (name === 'zero') return { kind: 'none', app };
  const { key, replaces } = findMigration(state, app, name);
  // A squashed migration that is applied in part is not in use; the last one that it replaces stands for it.
  const last = replaces.at(-1);
  return { kind: 'one', app, key: !state.graph.nodes.has(key) && last !== undefined ? last : key };
}

/** The steps from where the database is to the target, in the order in which they are taken. */
export function planSteps(state: MigrationState, target: Target): PlanStep[] {
  if (target.kind === 'one' && state.applied.has(target.key) && !state.graph.nodes.has(target.key)) {
    return planSteps(state.unsquashed(), target);
  }
  const { graph, applied } = state;
  const undone = new Set<string>();
  const undo = (from: readonly string[]) => {
    for (const start of from) {
      for (const key of backwardsPlan(graph, start)) if (applied.has(key)) undone.add(key);
    }
  };
  if (target.kind === 'none') {
    undo(rootsOf(graph, target.app));
  } else if (target.kind === 'one' && applied.has(target.key)) {
    // Only what follows in the same app goes back, with all that depends on it.
    const children = graph.nodes.get(target.key)?.children ?? [];
    undo([...children].filter((key) => graph.nodes.get(key)?.app === target.app).toSorted());
  } else {
    const ends = target.kind === 'one' ? [target.key] : target.apps.flatMap((app) => leavesOf(graph, app));
    const needed = new Set(ends.flatMap((end) => forwardsPlan(graph, end)).filter((key) => !applied.has(key)));
    return steps(
      state,
      fullPlan(graph).filter((key) => needed.has(key)),
      false,
    );
  }
  return steps(state, [...undone], true);
}

function steps({ migrations }: MigrationState, keys: readonly string[], backwards: boolean): PlanStep[] {
  return keys
    .map((key) => migrations.get(key))
    .filter((migration) => migration !== undefined)
    .map((migration) => ({
      migration,
      backwards,
    }));
}
