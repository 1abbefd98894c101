import { CommandError } from '../../errors.js';
import type { Field } from '../../registry/types.js';
import type { DbContext, Executor } from '../connect/connection.js';
import type { Value } from '../dialect/dialect.js';
import type { ReferenceEdge, ReferenceGraph, SeveralEdge } from './graph.js';
import { fromTable, type Narrow, refersTo } from './tables.js';

/** Keys that are followed at once. */
const batchSize = 1000;

/**
 * Tables whose rows go with each other's, those that others follow first: no query can tell such rows. A table that refers to
 * its own key with one column alone is none of them.
 */
export function findCircles(graph: ReferenceGraph, edges: readonly (ReferenceEdge | SeveralEdge)[]): string[][] {
  const names = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const above = new Map([...names].map((name) => [name, reachedFrom(edges, name)]));
  const circles: string[][] = [];
  for (const name of names) {
    if (circles.some((circle) => circle.includes(name)) || !above.get(name)?.has(name)) continue;
    const circle = [...names].filter((other) => above.get(name)?.has(other) && above.get(other)?.has(name));
    if (circle.length > 1 || !isSimpleLoop(graph, edges, name)) circles.push(circle);
  }
  const height = ([name = '']: readonly string[]) => above.get(name)?.size ?? 0;
  return circles.toSorted((a, b) => height(a) - height(b));
}

function reachedFrom(edges: readonly ReferenceEdge[], start: string): Set<string> {
  const reached = new Set<string>();
  const follow = (name: string) => {
    for (const { from, to } of edges) {
      if (from !== name || reached.has(to)) continue;
      reached.add(to);
      follow(to);
    }
  };
  follow(start);
  return reached;
}

function isSimpleLoop(
  { tables }: ReferenceGraph,
  edges: readonly (ReferenceEdge | SeveralEdge)[],
  name: string,
): boolean {
  const [key] = tables.get(name)?.key ?? [];
  const [loop, ...others] = edges.filter(({ from, to }) => from === name && to === name);
  if (loop === undefined || others.length > 0 || 'columns' in loop) return false;
  return key === undefined || loop.toColumn === key;
}

/** Whether rows of a table can be told by a key of one column, as has to be in a circle. */
export const hasOneKey = ({ tables }: ReferenceGraph, name: string): boolean => tables.get(name)?.key.length === 1;

/** Rows of one table that go, known by their keys. */
export interface KnownRows {
  readonly rows: number;
  readonly narrow: (executor: Executor) => Narrow;
}

/**
 * Reads the keys of the rows that go in each table of a circle: those that `first` narrows to, and all that refer to them.
 *
 * @throws CommandError of code `reference_circle` where a table of it has no key of one column.
 */
export async function readCircle(
  connection: DbContext,
  graph: ReferenceGraph,
  {
    circle,
    edges,
    first,
  }: {
    readonly circle: readonly string[];
    readonly edges: readonly (ReferenceEdge | SeveralEdge)[];
    readonly first: (table: string) => Narrow;
  },
): Promise<Map<string, KnownRows>> {
  const { db, dialect } = connection;
  const found = new Map(circle.map((name) => [name, new Map<string, Value>()]));
  const keyOf = (name: string) => {
    const { key = [], fields = [] } = graph.tables.get(name) ?? {};
    const field = key.length === 1 ? fields.find(({ column }) => column === key[0]) : undefined;
    if (field === undefined) throw circleError(circle, name);
    return field;
  };
  /** The keys among the rows that `narrow` leaves that were not known yet. */
  const take = async (name: string, narrow: Narrow): Promise<Value[]> => {
    const field = keyOf(name);
    const known = found.get(name);
    const query = fromTable(db, graph, name).select(dialect.selectColumn(db, field, field.column));
    narrow(query);
    const rows: Record<string, unknown>[] = await query;
    const values = rows.map((row) => dialect.read(field, row[field.column]));
    const fresh = values.filter((value) => known?.has(String(value)) === false);
    for (const value of fresh) known?.set(String(value), value);
    return fresh;
  };
  const waiting: { readonly name: string; readonly keys: readonly Value[] }[] = [];
  const enqueue = (name: string, keys: readonly Value[]) => {
    for (let at = 0; at < keys.length; at += batchSize) waiting.push({ name, keys: keys.slice(at, at + batchSize) });
  };
  for (const name of circle) enqueue(name, await take(name, first(name)));
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { name, keys } = next;
    const field = keyOf(name);
    const bound = keys.map((value) => dialect.bind(db, field, value));
    for (const edge of edges) {
      if (edge.to !== name || !circle.includes(edge.from)) continue;
      const targets = fromTable(db, graph, name).whereIn(field.column, bound);
      enqueue(edge.from, await take(edge.from, refersTo(edge, targets)));
    }
  }
  const known = new Map<string, KnownRows>();
  for (const [name, values] of found)
    known.set(name, await knownRows(connection, name, keyOf(name), [...values.values()]));
  return known;
}

async function knownRows(
  { db, dialect }: DbContext,
  table: string,
  field: Field,
  keys: readonly Value[],
): Promise<KnownRows> {
  if (keys.length === 0) return { rows: 0, narrow: () => (query) => void query.whereRaw('1 = 0') };
  const rows = db.from(table).select(field.column);
  await dialect.whereAmong(db, rows, {
    table,
    columns: [{ name: field.column, field }],
    rows: keys.map((key) => [key]),
  });
  // One query further in: MariaDB changes no table that the statement reads itself.
  const narrow = (executor: Executor) => (query: Parameters<Narrow>[0]) =>
    void query.whereIn(field.column, executor.select(field.column).from(rows.clone().as('known')));
  return { rows: keys.length, narrow };
}

const circleError = (circle: readonly string[], table: string) =>
  new CommandError(`Deleting rows of these tables deletes rows of each other in a circle: ${circle.join(', ')}.`, {
    code: 'reference_circle',
    hint: `'${table}' has no key of one column that tells its rows. Delete the rows of one of them first.`,
  });
