import type { DbContext, Executor } from '../connect/connection.js';
import type { Value } from '../dialect/dialect.js';
import { sqlAsIs } from '../dialect/sql-as-is.js';
import { dependentsFirst } from '../introspection/table-map.js';
import { findCircles, hasOneKey, type KnownRows, readCircle } from './circles.js';
import type { OnDelete, ReferenceEdge, ReferenceGraph, SeveralEdge } from './graph.js';
import { fromTable, type Narrow, refersTo } from './tables.js';

/** What becomes of the rows of one table. */
export interface CascadeStep {
  readonly table: string;
  /**
   * `delete`: they go · `set_null`, `set_default`: their column is changed · `refuse`: they protect what they refer to ·
   * `unknown`: no on-delete rule is known · `nothing`: they are left with a reference to nothing.
   */
  readonly action: 'delete' | 'set_null' | 'set_default' | 'refuse' | 'unknown' | 'nothing';
  /** The column that refers to what goes; rows that are deleted may be reached through several. */
  readonly column?: string;
  readonly edge?: ReferenceEdge;
  /** Lets rows that all go refer to each other no longer: nobody needs to be told. */
  readonly internal?: true;
  /** How many rows go, where their keys have been read: the engine may take some of them along with others. */
  readonly rows?: number;
  readonly narrow: (executor: Executor) => Narrow;
}

export interface CascadePlan {
  /** In the order in which they have to be done: changes, then deletions, rows that refer to others first. */
  readonly steps: readonly CascadeStep[];
  readonly start: string;
  /** Tables whose rows go with each other's. */
  readonly circles: readonly (readonly string[])[];
  /** Whether rows go that refer to each other, so that no order keeps every reference whole meanwhile. */
  readonly entangled: boolean;
}

export interface CascadeOptions {
  /** What becomes of a reference, where that is to be another thing than its model says; `ignore` leaves it out. */
  readonly override?: (edge: ReferenceEdge) => OnDelete | 'ignore' | undefined;
}

/** Tables in the order of their deletion. Those of a circle stand together, behind all that refers to one of them. */
function deletionOrder(
  tables: readonly string[],
  edges: readonly ReferenceEdge[],
  circles: readonly (readonly string[])[],
): string[] {
  const unitOf = (name: string) => circles.find((circle) => circle.includes(name))?.[0] ?? name;
  const references = edges
    .map(({ from, column, to, toColumn }) => ({
      from: unitOf(from),
      columns: [column],
      to: unitOf(to),
      toColumns: [toColumn],
    }))
    .filter(({ from, to }) => from !== to);
  const units = dependentsFirst([...new Set(tables.map(unitOf))], references);
  return units.flatMap((unit) => circles.find((circle) => circle.includes(unit)) ?? [unit]);
}

/** Which rows go when the first ones do. */
interface Going {
  readonly dialect: DbContext['dialect'];
  readonly graph: ReferenceGraph;
  readonly start: { readonly table: string; readonly keys: readonly Value[] };
  /** Tables that lose rows. */
  readonly reached: ReadonlySet<string>;
  /** References whose rows go along, those of a table to itself excepted. */
  readonly cascading: readonly ReferenceEdge[];
  /** Those of a table to itself. */
  readonly loops: readonly ReferenceEdge[];
  /** Rows that no query can tell: those of tables in a circle. */
  readonly known: Map<string, KnownRows>;
}

/**
 * Works out what deleting rows of `start` means for those that refer to them, as Django's Collector does (Django 5.2
 * db/models/deletion.py). Rows are read only of tables that cascade to each other in a circle: their keys, before any goes.
 *
 * @throws CommandError of code `reference_circle` where a table of such a circle has no key of one column.
 */
export async function planCascade(
  connection: DbContext,
  graph: ReferenceGraph,
  start: { readonly table: string; readonly keys: readonly Value[] },
  { override }: CascadeOptions = {},
): Promise<CascadePlan> {
  const { db, dialect } = connection;
  const edges = [...graph.edges, ...withoutCircles(graph)].flatMap((edge) => {
    const onDelete = override?.(edge) ?? edge.onDelete;
    return onDelete === 'ignore' ? [] : [{ ...edge, onDelete }];
  });
  const reached = new Set([start.table]);
  for (const name of reached) {
    for (const { from, to, onDelete } of edges) if (to === name && onDelete === 'CASCADE') reached.add(from);
  }
  const along = edges.filter(({ to, onDelete }) => onDelete === 'CASCADE' && reached.has(to));
  const cascading = along.filter(({ from, to }) => from !== to);
  const loops = along.filter(({ from, to }) => from === to);
  const going: Going = { dialect, graph, start, reached, cascading, loops, known: new Map() };
  const circles = findCircles(graph, along);
  for (const circle of circles) {
    const outer = { ...going, loops: [], cascading: cascading.filter(({ to }) => !circle.includes(to)) };
    const first = (name: string) => gone(outer, name)(db);
    for (const [name, rows] of await readCircle(connection, graph, { circle, edges: along, first }))
      going.known.set(name, rows);
  }
  const isInCircle = ({ from, to }: ReferenceEdge) => circles.some((each) => each.includes(from) && each.includes(to));

  const changes = edges
    .filter(({ to, onDelete }) => reached.has(to) && onDelete !== 'CASCADE')
    .map((edge): CascadeStep => {
      const action = actions[edge.onDelete as keyof typeof actions];
      return { table: edge.from, action, column: edge.column, edge, narrow: staying(going, edge) };
    });
  // Rows that go and refer to others that go must not keep each other.
  const released = edges
    .filter(
      (edge) =>
        edge.null &&
        reached.has(edge.from) &&
        reached.has(edge.to) &&
        (edge.onDelete === 'SET_NULL' || isInCircle(edge)),
    )
    .map((edge): CascadeStep => {
      const narrow = referring(going, edge);
      return { table: edge.from, action: 'set_null', column: edge.column, edge, internal: true, narrow };
    });
  const order = deletionOrder([...reached], edges, circles);
  const deletions = order.map((name): CascadeStep => {
    const rows = going.known.get(name)?.rows;
    return { table: name, action: 'delete', narrow: gone(going, name), ...(rows === undefined ? {} : { rows }) };
  });
  const entangled = circles.length > 0 || loops.length > 0;
  return { steps: [...changes, ...released, ...deletions], start: start.table, circles, entangled };
}

/**
 * References by several columns. Those that close a circle refuse where a table of it has no key of one column, by which rows are
 * told in circles.
 */
function withoutCircles(graph: ReferenceGraph): readonly SeveralEdge[] {
  if (graph.several.length === 0) return [];
  const mayCascade = ({ onDelete }: ReferenceEdge) => onDelete === 'CASCADE' || onDelete === 'UNKNOWN';
  const circles = findCircles(graph, [...graph.edges, ...graph.several].filter(mayCascade));
  const untold = circles.filter((circle) => !circle.every((name) => hasOneKey(graph, name)));
  const closes = ({ from, to }: SeveralEdge) => untold.some((each) => each.includes(from) && each.includes(to));
  return graph.several.map((edge) => (mayCascade(edge) && closes(edge) ? { ...edge, onDelete: 'RESTRICT' } : edge));
}

const columnsOf = (edge: ReferenceEdge | SeveralEdge): readonly string[] =>
  'columns' in edge ? edge.columns : [edge.column];

/** Rows of a table that go; none of one that is not reached. */
function gone(going: Going, name: string): CascadeStep['narrow'] {
  const { dialect, graph, start, reached, cascading, loops, known } = going;
  const rows = known.get(name);
  if (rows !== undefined) return rows.narrow;
  if (!reached.has(name)) return () => (query) => void query.whereRaw('1 = 0');
  const shape = graph.tables.get(start.table);
  const key = shape?.fields.find(({ name: column }) => column === shape.key[0]);
  const into = cascading.filter(({ from }) => from === name);
  const base: CascadeStep['narrow'] = (executor) => (query) =>
    void query.where((either) => {
      if (name === start.table && key !== undefined) {
        either.orWhereIn(
          key.column,
          start.keys.map((value) => dialect.bind(executor, key, value)),
        );
      }
      if (name !== start.table && into.length === 0) either.whereRaw('1 = 0');
      for (const edge of into) either.orWhere((one) => referring(going, edge)(executor)(one));
    });
  const loop = loops.find(({ from }) => from === name);
  return loop === undefined ? base : withLoop(graph, name, base, loop);
}

/** Rows that refer to rows that go. */
const referring =
  (going: Going, edge: ReferenceEdge | SeveralEdge): CascadeStep['narrow'] =>
  (executor) =>
  (query) => {
    const targets = fromTable(executor, going.graph, edge.to);
    gone(going, edge.to)(executor)(targets);
    refersTo(edge, targets)(query);
  };

/** Those of them that do not go themselves: what goes along needs no change, and protects nothing. */
const staying =
  (going: Going, edge: ReferenceEdge): CascadeStep['narrow'] =>
  (executor) =>
  (query) => {
    referring(going, edge)(executor)(query);
    if (going.reached.has(edge.from)) query.whereNot((inner) => gone(going, edge.from)(executor)(inner));
  };

const actions = {
  SET_NULL: 'set_null',
  SET_DEFAULT: 'set_default',
  PROTECT: 'refuse',
  RESTRICT: 'refuse',
  DO_NOTHING: 'nothing',
  UNKNOWN: 'unknown',
} as const;

/** Rows that refer to rows of the same table, and so on. */
function withLoop(
  graph: ReferenceGraph,
  name: string,
  base: CascadeStep['narrow'],
  loop: ReferenceEdge,
): CascadeStep['narrow'] {
  const [key] = graph.tables.get(name)?.key ?? [];
  if (key === undefined) return base;
  return (executor) => (query) => {
    const found = executor
      .withRecursive('gone', (recursive) => {
        const first = recursive.select(`${name}.${key}`).from(name);
        base(executor)(first);
        first.union((next) => {
          next.select(`${name}.${key}`).from(name).join('gone', `${name}.${loop.column}`, `gone.${key}`);
        });
      })
      .select(key)
      .from('gone');
    query.whereIn(key, found);
  };
}

/** How many rows a step is about. */
export async function countStep(
  { db }: DbContext,
  graph: ReferenceGraph,
  { table: name, narrow }: CascadeStep,
): Promise<number> {
  const query = fromTable(db, graph, name).count({ count: '*' });
  narrow(db)(query);
  const [row] = await query;
  return Number(row?.count ?? 0);
}

/** A step that was done. */
export interface DoneStep {
  readonly step: CascadeStep;
  readonly rows: number;
}

/**
 * Does the steps of a plan, in the transaction of the connection, and resolves with those that changed rows. Where rows that
 * go refer to each other, the engine looks at references afterwards. `before` is called with each step before it is done.
 */
export async function carryOut(
  connection: DbContext,
  graph: ReferenceGraph,
  { steps, circles, entangled }: CascadePlan,
  before: (step: CascadeStep) => Promise<void> = async () => undefined,
): Promise<DoneStep[]> {
  const { db, dialect } = connection;
  const isOfCircle = ({ table, action }: CascadeStep) =>
    action === 'delete' && circles.some((circle) => circle.includes(table));
  const work = async () => {
    const done: DoneStep[] = [];
    for (const [at, step] of steps.entries()) {
      const circle = isOfCircle(step) ? circles.find((each) => each.includes(step.table)) : undefined;
      if (circle === undefined) {
        await before(step);
        done.push({ step, rows: await doStep(connection, graph, step) });
        continue;
      }
      if (steps.slice(0, at).some((each) => isOfCircle(each) && circle.includes(each.table))) continue;
      const together = steps.filter((each) => isOfCircle(each) && circle.includes(each.table));
      for (const each of together) await before(each);
      await dialect.deleteTogether(
        db,
        together.map(({ table, narrow }) => {
          const query = fromTable(db, graph, table);
          narrow(db)(query);
          return query;
        }),
      );
      done.push(...together.map((each) => ({ step: each, rows: each.rows ?? 0 })));
    }
    return done.filter(({ rows }) => rows > 0);
  };
  return entangled ? dialect.deferReferences(db, work) : work();
}

/** Does a step; resolves with the number of rows. */
async function doStep({ db, dialect }: DbContext, graph: ReferenceGraph, step: CascadeStep): Promise<number> {
  const { table: name, action, column, edge, narrow } = step;
  if (action === 'refuse' || action === 'unknown' || action === 'nothing') return 0;
  const query = fromTable(db, graph, name);
  narrow(db)(query);
  if (action === 'delete') return Math.max(await query.del(), step.rows ?? 0);
  if (column === undefined) return 0;
  const columns = edge === undefined ? [column] : columnsOf(edge);
  if (action === 'set_null') return query.update(Object.fromEntries(columns.map((each) => [each, null])));
  const field = graph.tables.get(name)?.fields.find((each) => each.column === column);
  const fallback = edge?.fallback !== undefined && 'value' in edge.fallback ? edge.fallback.value : undefined;
  if (field === undefined || fallback === undefined) {
    // Not every engine knows the word DEFAULT here.
    const value = edge?.defaultSql === undefined ? null : db.raw(sqlAsIs(`(${edge.defaultSql})`));
    return query.update({ [column]: value });
  }
  return query.update({ [column]: dialect.bind(db, field, fallback) });
}
