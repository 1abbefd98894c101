import type { Context } from '../../command.js';
import type { Value } from '../../db/dialect/dialect.js';
import { forwardsPlan, leavesOf } from '../../db/migrations/graph.js';
import type { MigrationState } from '../../db/migrations/state.js';

/** `2026-11-21 07:24:22` of an ISO text. */
const toSecond = (applied: Value) => String(applied).slice(0, 19).replace('T', ' ');

/** Says all migrations of these apps, or of all, and which are applied; resolves with the same for the document. */
export function sayMigrations({ terminal }: Context, state: MigrationState, labels: readonly string[]) {
  const { say, style, verbosity } = terminal;
  const { graph, applied, recorded } = state;
  const undeclared = undeclaredApps(state);
  const apps =
    labels.length > 0 ? labels.filter((label) => !undeclared.includes(label)) : state.apps.migrated.toSorted();
  const shown = apps.map((app) => {
    say(style.label(app));
    const keys = new Set(
      leavesOf(graph, app)
        .flatMap((leaf) => forwardsPlan(graph, leaf))
        .filter((key) => graph.nodes.get(key)?.app === app),
    );
    if (keys.size === 0) say(style.error(' (no migrations)'));
    const migrations = [...keys].map((key) => {
      const name = key.slice(app.length + 1);
      const replaces = graph.nodes.get(key)?.migration.replaces ?? [];
      const at = recorded.get(key);
      const unfinished = applied.has(key) && at === undefined;
      const squashed = replaces.length > 0 ? ` (${replaces.length} squashed migrations)` : '';
      const note = unfinished ? " Run 'manage migrate' to finish recording." : '';
      const time = verbosity >= 2 && at !== undefined && at !== null ? ` (applied at ${toSecond(at)})` : '';
      say(` [${unfinished ? '-' : applied.has(key) ? 'X' : ' '}] ${name}${squashed}${note}${time}`);
      return { name, applied: applied.has(key), appliedAt: at ?? null, ...(squashed ? { replaces } : {}) };
    });
    return { app, migrations };
  });
  const others = labels.length > 0 ? undeclared.filter((label) => labels.includes(label)) : undeclared;
  return [...shown, ...others.map((app) => showUndeclared(terminal, state, app))];
}

/** Labels of the apps that the database has migrations of, and that the settings do not declare. */
export function undeclaredApps({ apps, recorded }: MigrationState): string[] {
  const declared = [...apps.migrated, ...apps.unmigrated];
  const labels = [...recorded.keys()].map((key) => key.slice(0, key.indexOf('.')));
  return [...new Set(labels)].filter((label) => !declared.includes(label)).toSorted();
}

/** What the database records of an app that the settings do not declare. */
function showUndeclared({ say, style, verbosity }: Context['terminal'], { recorded }: MigrationState, app: string) {
  say(`${style.label(app)} (not declared)`);
  const keys = [...recorded.keys()].filter((key) => key.startsWith(`${app}.`)).toSorted();
  const migrations = keys.map((key) => {
    const name = key.slice(app.length + 1);
    const at = recorded.get(key) ?? null;
    const time = verbosity >= 2 && at !== null ? ` (applied at ${toSecond(at)})` : '';
    say(` [X] ${name}${time}`);
    return { name, applied: true, appliedAt: at };
  });
  return { app, declared: false, migrations };
}

/** The same in the order in which they are applied. */
export function sayPlan({ terminal }: Context, { graph, applied }: MigrationState, labels: readonly string[]) {
  const { say, style, verbosity } = terminal;
  const leaves = leavesOf(graph).filter(
    (leaf) => labels.length === 0 || labels.includes(graph.nodes.get(leaf)?.app ?? ''),
  );
  const keys = new Set(leaves.flatMap((leaf) => forwardsPlan(graph, leaf)));
  if (keys.size === 0) say(style.error('(no migrations)'));
  return [...keys].map((key) => {
    const dependencies = [...(graph.nodes.get(key)?.parents ?? [])].toSorted();
    const shown = verbosity >= 2 && dependencies.length > 0 ? ` ... (${dependencies.join(', ')})` : '';
    say(`[${applied.has(key) ? 'X' : ' '}]  ${key}${shown}`);
    return { migration: key, applied: applied.has(key), dependencies };
  });
}
