import { CommandError } from '../../errors.js';
import type { LoadedMigration } from './load.js';

/** A migration among the others. Keys are `app.name`. */
export interface GraphNode {
  readonly key: string;
  readonly app: string;
  readonly migration: LoadedMigration;
  readonly parents: ReadonlySet<string>;
  readonly children: ReadonlySet<string>;
}

export interface Graph {
  readonly nodes: ReadonlyMap<string, GraphNode>;
}

interface Building extends GraphNode {
  readonly parents: Set<string>;
  readonly children: Set<string>;
}

export const sorted = (keys: Iterable<string>) => [...keys].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
export const appOf = (key: string) => key.slice(0, key.indexOf('.'));

const bad = (message: string, code: string, hint?: string) =>
  new CommandError(message, { code, ...(hint === undefined ? {} : { hint }) });

export interface GraphOptions {
  /** Label of the app that has the user model: what the dependency `userModel` stands for. */
  readonly userApp: string;
  /** Labels of all declared apps, those without migrations too. */
  readonly apps: readonly string[];
  /** What is recorded as applied. */
  readonly applied: ReadonlySet<string>;
  /** `false` leaves squashed migrations and those that they replace side by side. */
  readonly replace?: boolean;
}

/**
 * Puts migrations in order by their dependencies (Django 5.2 db/migrations/loader.py, `build_graph`). A squashed
 * migration takes the place of those that it replaces if all or none of them are applied, else it is left out.
 *
 * @throws CommandError for a dependency that does not exist, and for migrations that depend on each other in a circle.
 */
export function buildGraph(migrations: readonly LoadedMigration[], options: GraphOptions): Graph {
  const nodes = new Map<string, Building>();
  for (const migration of migrations) {
    const { key, app } = migration;
    nodes.set(key, { key, app, migration, parents: new Set(), children: new Set() });
  }
  const missing: [child: string, parent: string][] = [];
  const link = (child: Building, parentKey: string) => {
    const parent = nodes.get(parentKey);
    child.parents.add(parentKey);
    if (parent === undefined) missing.push([child.key, parentKey]);
    else parent.children.add(child.key);
  };
  // Inner dependencies come first, for `__first__` and `__latest__` to be found by them.
  for (const node of nodes.values()) {
    for (const parent of node.migration.dependencies) {
      if (appOf(parent) === node.app && !parent.endsWith('.__first__')) link(node, parent);
    }
  }
  for (const node of nodes.values()) {
    for (const dependency of node.migration.dependencies) {
      if (dependency !== 'userModel' && appOf(dependency) === node.app) continue;
      const parent = resolveDependency(nodes, node, dependency, options);
      if (parent !== undefined) link(node, parent);
    }
  }
  if (options.replace ?? true) replaceSquashed(nodes, options.applied);
  for (const [child, parent] of missing) {
    if (nodes.has(parent) || !nodes.get(child)?.parents.has(parent)) continue;
    const squashed = migrations.find(({ replaces }) => replaces.includes(parent));
    throw bad(
      `The migration ${child} depends on ${parent}, which does not exist.`,
      'missing_dependency',
      squashed === undefined
        ? 'Correct its dependencies, or restore the file.'
        : `${squashed.key} replaces it, but cannot be used while only some of what it replaces is applied.`,
    );
  }
  assertNoCircle(nodes);
  return { nodes };
}

function resolveDependency(
  nodes: ReadonlyMap<string, Building>,
  { key, app }: Building,
  dependency: string,
  { userApp, apps }: GraphOptions,
): string | undefined {
  const name = dependency === 'userModel' ? `${userApp}.__first__` : dependency;
  const target = appOf(name);
  if (!/\.__(?:first|latest)__$/.test(name)) return name;
  if (target === app) return undefined;
  if (!apps.includes(target)) {
    // The model was found in the database, and its migrations are somebody else's: they are not for us to run.
    if (dependency === 'userModel') return undefined;
    throw bad(
      `The migration ${key} depends on the app '${target}', which is not declared.`,
      'missing_dependency',
      'Declare it with defineApp, or correct the dependencies.',
    );
  }
  // An app without migrations has its tables from elsewhere.
  return name.endsWith('.__first__') ? rootsOf({ nodes }, target)[0] : leavesOf({ nodes }, target)[0];
}

function replaceSquashed(nodes: Map<string, Building>, applied: ReadonlySet<string>): void {
  for (const { key, migration } of [...nodes.values()]) {
    if (migration.replaces.length === 0) continue;
    const done = migration.replaces.filter((replaced) => applied.has(replaced)).length;
    if (done === 0 || done === migration.replaces.length) removeReplaced(nodes, key, migration.replaces);
    else removeReplacement(nodes, key, migration.replaces);
  }
}

/** Takes the replaced nodes out; what depended on them depends on the replacement. */
function removeReplaced(nodes: Map<string, Building>, key: string, replaces: readonly string[]): void {
  const replacement = nodes.get(key);
  if (replacement === undefined) return;
  for (const replaced of replaces) {
    const node = nodes.get(replaced);
    nodes.delete(replaced);
    // Dependents name it even where its file is gone.
    for (const other of nodes.values()) {
      if (!other.parents.delete(replaced) || other === replacement || replaces.includes(other.key)) continue;
      other.parents.add(key);
      replacement.children.add(other.key);
    }
    for (const parent of node?.parents ?? []) {
      nodes.get(parent)?.children.delete(replaced);
      if (replaces.includes(parent) || parent === key) continue;
      replacement.parents.add(parent);
      nodes.get(parent)?.children.add(key);
    }
  }
}

/** Takes the replacement out; what depended on it depends on the last of those that it replaces. */
function removeReplacement(nodes: Map<string, Building>, key: string, replaces: readonly string[]): void {
  const replacement = nodes.get(key);
  if (replacement === undefined) return;
  nodes.delete(key);
  const there = replaces.map((replaced) => nodes.get(replaced)).filter((node) => node !== undefined);
  const last = there.filter((node) => !there.some((other) => other.parents.has(node.key)));
  for (const childKey of replacement.children) {
    const child = nodes.get(childKey);
    child?.parents.delete(key);
    for (const node of last) {
      child?.parents.add(node.key);
      node.children.add(childKey);
    }
  }
  for (const parent of replacement.parents) nodes.get(parent)?.children.delete(key);
}

function assertNoCircle(nodes: ReadonlyMap<string, Building>): void {
  const finished = new Set<string>();
  for (const start of nodes.keys()) {
    const path: string[] = [];
    const visit = (key: string) => {
      if (finished.has(key)) return;
      const at = path.indexOf(key);
      if (at >= 0) {
        throw bad(
          `These migrations depend on each other in a circle: ${path.slice(at).join(', ')}.`,
          'circular_dependency',
          'Take one of the dependencies out.',
        );
      }
      path.push(key);
      for (const parent of nodes.get(key)?.parents ?? []) visit(parent);
      path.pop();
      finished.add(key);
    };
    visit(start);
  }
}

/** Migrations without a parent in their own app, in order. */
export function rootsOf({ nodes }: Graph, app?: string): string[] {
  return ends(nodes, app, (node) => node.parents);
}

/** Migrations without a child in their own app, in order: the newest ones. */
export function leavesOf({ nodes }: Graph, app?: string): string[] {
  return ends(nodes, app, (node) => node.children);
}

function ends(
  nodes: ReadonlyMap<string, GraphNode>,
  app: string | undefined,
  next: (node: GraphNode) => ReadonlySet<string>,
): string[] {
  const found = [...nodes.values()].filter(
    (node) => (app === undefined || node.app === app) && ![...next(node)].some((key) => appOf(key) === node.app),
  );
  return sorted(found.map(({ key }) => key));
}

/** All that must be applied for `key` to be, ending with it, in Django's order (graph.py, `iterative_dfs`). */
export function forwardsPlan(graph: Graph, key: string): string[] {
  return walk(graph, key, (node) => node.parents);
}

/** All that must be undone for `key` to be, ending with it. */
export function backwardsPlan(graph: Graph, key: string): string[] {
  return walk(graph, key, (node) => node.children);
}

function walk({ nodes }: Graph, start: string, next: (node: GraphNode) => ReadonlySet<string>): string[] {
  const visited = new Set<string>();
  const stack: [key: string, done: boolean][] = [[start, false]];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const [key, done] = top;
    const node = nodes.get(key);
    if (node === undefined || visited.has(key)) continue;
    if (done) {
      visited.add(key);
    } else {
      stack.push([key, true], ...sorted(next(node)).map((other): [string, boolean] => [other, false]));
    }
  }
  return [...visited];
}

/** Everything in the order in which it would be applied to an empty database. */
export function fullPlan(graph: Graph): string[] {
  return [...new Set(leavesOf(graph).flatMap((leaf) => forwardsPlan(graph, leaf)))];
}
