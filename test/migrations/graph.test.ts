import { describe, expect, it } from 'vitest';
import { builtinMigrations } from '../../src/db/migrations/builtin.js';
import { backwardsPlan, buildGraph, forwardsPlan, fullPlan, leavesOf, rootsOf } from '../../src/db/migrations/graph.js';
import type { LoadedMigration } from '../../src/db/migrations/load.js';
import { type PlanStep, planSteps, resolveTarget } from '../../src/db/migrations/plan.js';
import { assertConsistentHistory, assertNoConflict, createState } from '../../src/db/migrations/state.js';
import { goldenStates } from '../helpers/states.js';

const migration = (
  key: string,
  dependencies: readonly string[] = [],
  replaces: readonly string[] = [],
): LoadedMigration => ({
  key,
  app: key.slice(0, key.indexOf('.')),
  name: key.slice(key.indexOf('.') + 1),
  dependencies,
  replaces,
  load: () => Promise.reject(new Error('Nobody should load this.')),
});

const options = { apps: ['a', 'b', 'c', 'none'], userApp: 'b', applied: new Set<string>() };
const graphOf = (migrations: readonly LoadedMigration[], applied: readonly string[] = []) =>
  buildGraph(migrations, { ...options, applied: new Set(applied) });
const stateOf = (migrations: readonly LoadedMigration[], applied: readonly string[] = []) =>
  createState(migrations, new Map(applied.map((key) => [key, '2026-01-01T00:00:00+00:00'])), options);
const keys = (steps: readonly PlanStep[]) =>
  steps.map(({ migration: { key }, backwards }) => (backwards ? `-${key}` : key));

const chain = [
  migration('a.1'),
  migration('a.2', ['a.1', 'b.1']),
  migration('a.3', ['a.2']),
  migration('b.1', ['a.__first__']),
  migration('b.2', ['b.1', 'a.3']),
  migration('c.1', ['userModel', 'b.__latest__', 'none.__first__', 'c.__first__']),
];

describe('the graph of migrations', () => {
  it("puts Django's in Django's order", () => {
    const django = builtinMigrations.map(({ app, name, dependencies }) => migration(`${app}.${name}`, dependencies));
    const apps = ['admin', 'auth', 'contenttypes', 'sessions'];
    const graph = buildGraph(django, { apps, userApp: 'auth', applied: new Set() });
    expect(fullPlan(graph)).toEqual(goldenStates('sqlite').order);
  });

  it('lists the same dependencies as the files of the migrations', async () => {
    for (const { app, name, dependencies, load } of builtinMigrations) {
      expect([app, name, (await load()).default.dependencies]).toEqual([app, name, dependencies]);
    }
  });

  it('finds its way forwards and backwards', () => {
    const graph = graphOf(chain);
    expect(forwardsPlan(graph, 'a.2')).toEqual(['a.1', 'b.1', 'a.2']);
    expect(forwardsPlan(graph, 'c.1')).toEqual(['a.1', 'b.1', 'a.2', 'a.3', 'b.2', 'c.1']);
    expect(backwardsPlan(graph, 'a.2')).toEqual(['c.1', 'b.2', 'a.3', 'a.2']);
    expect(rootsOf(graph)).toEqual(['a.1', 'b.1', 'c.1']);
    expect(leavesOf(graph)).toEqual(['a.3', 'b.2', 'c.1']);
  });

  it.each<[string, LoadedMigration[], string, string?]>([
    ['what does not exist', [migration('a.1', ['b.7'])], 'The migration a.1 depends on b.7, which does not exist.'],
    [
      'what does not exist in its own app',
      [migration('a.1', ['a.0'])],
      'The migration a.1 depends on a.0, which does not exist.',
    ],
    [
      'an app that is not declared',
      [migration('a.1', ['x.__first__'])],
      "The migration a.1 depends on the app 'x', which is not declared.",
    ],
    [
      'each other',
      [migration('a.1', ['b.1']), migration('b.1', ['c.1']), migration('c.1', ['a.1'])],
      'These migrations depend on each other in a circle: a.1, b.1, c.1.',
    ],
  ])('refuses migrations that depend on %s', (_what, migrations, message) => {
    expect(() => graphOf(migrations)).toThrow(message);
  });

  it('refuses two newest migrations of an app', () => {
    const state = stateOf([migration('a.1'), migration('a.2x', ['a.1']), migration('a.2y', ['a.1'])]);
    expect(() => assertNoConflict(state)).toThrow(
      'Conflicting migrations detected; multiple leaf nodes in the migration graph: (2x, 2y in a).',
    );
  });

  it('refuses what is applied before its dependency', () => {
    expect(() => assertConsistentHistory(stateOf(chain, ['a.1', 'a.2']), 'default')).toThrow(
      "The migration a.2 is applied before its dependency b.1 on the database 'default'.",
    );
    assertConsistentHistory(stateOf(chain, ['a.1', 'b.1', 'a.2', 'other.0009_unknown']), 'default');
  });
});

describe('squashed migrations', () => {
  const squashed = [
    migration('a.1'),
    migration('a.2', ['a.1']),
    migration('a.3', ['a.2', 'b.1']),
    migration('a.1_to_3', ['b.1'], ['a.1', 'a.2', 'a.3']),
    migration('a.4', ['a.3']),
    migration('b.1'),
    migration('b.2', ['a.2', 'b.1']),
  ];

  it('take the place of what they replace, where all or none of it is applied', () => {
    expect(fullPlan(graphOf(squashed))).toEqual(['b.1', 'a.1_to_3', 'a.4', 'b.2']);
    const done = stateOf(squashed, ['a.1', 'a.2', 'b.1', 'a.3']);
    expect(keys(planSteps(done, resolveTarget(done, undefined, undefined)))).toEqual(['a.4', 'b.2']);
    expect(done.applied.has('a.1_to_3')).toBe(true);
  });

  it('stay out where some of it is', () => {
    const begun = stateOf(squashed, ['a.1']);
    expect(keys(planSteps(begun, resolveTarget(begun, undefined, undefined)))).toEqual([
      'b.1',
      'a.2',
      'a.3',
      'a.4',
      'b.2',
    ]);
    expect(resolveTarget(begun, 'a', '1_to')).toMatchObject({ key: 'a.3' });
  });

  it('work when the files of what they replace are gone', () => {
    const alone = squashed.filter(({ key }) => !/^a\.[123]$/.test(key));
    expect(fullPlan(graphOf(alone))).toEqual(['b.1', 'a.1_to_3', 'a.4', 'b.2']);
    expect(() => graphOf(alone, ['a.1'])).toThrow('The migration a.4 depends on a.3, which does not exist.');
  });

  it('can be gone back through', () => {
    const done = stateOf(squashed, ['a.1', 'a.2', 'b.1', 'a.3', 'a.4']);
    expect(keys(planSteps(done, resolveTarget(done, 'a', 'zero')))).toEqual(['-a.4', '-a.1_to_3']);
    expect(keys(planSteps(done, resolveTarget(done, 'a', '2')))).toEqual(['-a.4', '-a.3']);
  });
});

describe('a plan', () => {
  const all = ['a.1', 'b.1', 'a.2', 'a.3', 'b.2', 'c.1'];
  const plan = (applied: readonly string[], app?: string, name?: string) => {
    const state = stateOf(chain, applied);
    return keys(planSteps(state, resolveTarget(state, app, name)));
  };

  it.each<[string[], string | undefined, string | undefined, string[]]>([
    [[], undefined, undefined, all],
    [all, undefined, undefined, []],
    [[], 'a', undefined, ['a.1', 'b.1', 'a.2', 'a.3']],
    [[], 'b', '1', ['a.1', 'b.1']],
    [['a.1'], 'a', '2', ['b.1', 'a.2']],
    [all, 'a', '2', ['-c.1', '-b.2', '-a.3']],
    [all, 'b', 'zero', ['-c.1', '-b.2', '-a.3', '-a.2', '-b.1']],
    [['a.1', 'b.1'], 'c', 'zero', []],
    [all, 'c', '1', []],
  ])('from %j to %s %s', (applied, app, name, expected) => {
    expect(plan(applied, app, name)).toEqual(expected);
  });

  it.each<[string, string | undefined, string]>([
    ['x', undefined, "No installed app with label 'x'."],
    ['none', undefined, "App 'none' does not have migrations."],
    ['a', '9', "Cannot find a migration matching '9' from app 'a'."],
    ['a', '', "More than one migration matches '' in app 'a'. Please be more specific."],
  ])('to %s %s is refused', (app, name, message) => {
    expect(() => plan([], app, name)).toThrow(message);
  });

  it('takes a whole name even where others begin with it', () => {
    const state = stateOf([migration('a.1'), migration('a.1_more', ['a.1'])]);
    expect(resolveTarget(state, 'a', '1')).toEqual({ kind: 'one', app: 'a', key: 'a.1' });
  });
});
