import type { Knex } from 'knex';
import { CommandError } from '../../errors.js';
import type { Field } from '../../registry/types.js';
import type { Connection, DbContext, Executor } from '../connect/connection.js';
import type { Value } from '../dialect/dialect.js';
import { sqlAsIs } from '../dialect/sql-as-is.js';
import { inRow } from '../values/row-errors.js';
import { type CascadeStep, carryOut, countStep, planCascade } from './cascade.js';
import type { ReferenceEdge, ReferenceGraph, TableShape } from './graph.js';
import { fromTable, type Narrow } from './tables.js';

/** What to do with rows that would not be unique any more. */
export type CollisionRule = 'keep' | 'newest' | 'refuse';

/** A row by the names of its columns. */
export type TableRow = Readonly<Record<string, Value>>;

/** Told of everything that is changed, so that it can be undone. */
export interface MoveRecorder {
  /** A column of the rows with these keys got another value. */
  updated(change: {
    readonly table: string;
    readonly column: string;
    readonly from: Value;
    readonly to: Value;
    readonly keys: readonly TableRow[];
  }): void;
  /** Rows are about to be deleted. */
  deleted(table: string, rows: readonly TableRow[]): void;
}

export interface Moved {
  readonly table: string;
  readonly column: string;
  readonly rows: number;
  /** Rows that were deleted, since the other has one of the kind. */
  readonly dropped: number;
}

/** Two rows that cannot both belong to one. */
export interface Collision {
  readonly table: string;
  /** Columns that are unique together. */
  readonly columns: readonly string[];
  readonly from: TableRow;
  readonly to: TableRow;
}

export interface MoveOptions {
  readonly edges: readonly ReferenceEdge[];
  readonly from: Value;
  readonly to: Value;
  readonly onCollision: CollisionRule;
  readonly recorder?: MoveRecorder;
  /** Further conditions on the rows of an edge, for references that are one together with another column. */
  readonly within?: (edge: ReferenceEdge) => Narrow | undefined;
}

const fieldOf = (shape: TableShape, column: string): Field => {
  const field = shape.fields.find((each) => each.column === column);
  if (field === undefined) throw new Error(`'${shape.name}' has no column '${column}'.`);
  return field;
};

/**
 * Rows of a table with all their columns, which nothing is lost of. `shown` has what a field cannot mean as its text, for a person
 * to read.
 */
export async function readTableRows(
  { db, dialect }: DbContext,
  graph: ReferenceGraph,
  shape: TableShape,
  narrow: Narrow,
  { shown = false }: { readonly shown?: boolean } = {},
): Promise<TableRow[]> {
  const read = (field: Field, raw: unknown): Value => {
    try {
      return dialect.read(field, raw);
    } catch (error) {
      if (!shown || !(error instanceof CommandError) || error.code !== 'bad_value') throw error;
      return String(raw);
    }
  };
  const query = fromTable(db, graph, shape.name).select(
    shape.fields.map((field) => dialect.selectColumn(db, field, field.column)),
  );
  narrow(query);
  return plainRows(shape, shape.fields, await query, read);
}

/** Rows as they were selected, read. @throws CommandError that names the row of a value that cannot be read. */
function plainRows(
  shape: TableShape,
  fields: readonly Field[],
  rows: readonly Record<string, unknown>[],
  read: (field: Field, raw: unknown) => Value,
): TableRow[] {
  const key = shape.fields.find(({ column }) => column === shape.key[0]);
  return rows.map((row) => {
    try {
      return Object.fromEntries(fields.map((field) => [field.column, read(field, row[field.column])]));
    } catch (error) {
      throw key === undefined ? error : inRow(error, shape.name, key, row[key.column]);
    }
  });
}

/** Narrows to the row with this key; a table without one has only whole rows to go by. */
export function whereRow(
  { dialect }: Pick<Connection, 'dialect'>,
  executor: Executor,
  shape: TableShape,
  row: TableRow,
): Narrow {
  const columns = shape.key.length > 0 ? shape.key : shape.fields.map(({ column }) => column);
  return (query) => {
    for (const column of columns) {
      const value = row[column] ?? null;
      if (value === null) query.whereNull(column);
      else query.where(column, dialect.bind(executor, fieldOf(shape, column), value));
    }
  };
}

export const keyOf = (shape: TableShape, row: TableRow): TableRow =>
  Object.fromEntries(
    (shape.key.length > 0 ? shape.key : Object.keys(row)).map((column) => [column, row[column] ?? null]),
  );

const times = /^(?:updated|modified|last_|changed|date_|created|added|timestamp|time)|_(?:at|on|date|time)$/;

/** When a row was made or changed last, as far as its columns tell, and else its key. */
function ageOf(shape: TableShape, row: TableRow): readonly string[] {
  const moments = shape.fields
    .filter(({ type, column }) => (type === 'DateTimeField' || type === 'DateField') && times.test(column))
    .map(({ column }) => String(row[column] ?? ''))
    .toSorted();
  const key = String(row[shape.key[0] ?? ''] ?? '');
  return [moments.at(-1) ?? '', key.padStart(40, '0')];
}

const isNewer = (shape: TableShape, a: TableRow, b: TableRow) => {
  const [left, right] = [ageOf(shape, a), ageOf(shape, b)];
  return left[0] === right[0] ? (left[1] ?? '') > (right[1] ?? '') : (left[0] ?? '') > (right[0] ?? '');
};

/** Pairs of rows of both that are unique in the same way. */
export async function findCollisions(
  connection: DbContext,
  graph: ReferenceGraph,
  edge: ReferenceEdge,
  { from, to, within }: MoveOptions,
): Promise<Collision[]> {
  const { db, dialect } = connection;
  const shape = graph.tables.get(edge.from);
  if (shape === undefined) return [];
  const field = fieldOf(shape, edge.column);
  const found: Collision[] = [];
  const seen = new Set<string>();
  for (const { columns, where } of shape.uniques) {
    if (!columns.includes(edge.column)) continue;
    const others = columns.filter((column) => column !== edge.column);
    const rowsOf =
      (value: Value): Narrow =>
      (query) => {
        query.where(edge.column, dialect.bind(db, field, value));
        within?.(edge)?.(query);
        if (where !== undefined) query.whereRaw(sqlAsIs(where));
      };
    const kept = (await readTableRows(
      connection,
      graph,
      shape,
      among(connection, graph, shape, others, rowsOf(to), rowsOf(from)),
    )) as TableRow[];
    if (kept.length === 0) continue;
    const identity = (row: TableRow) => JSON.stringify(others.map((column) => row[column]));
    const byIdentity = new Map(kept.map((row) => [identity(row), row]));
    for (const row of await readTableRows(
      connection,
      graph,
      shape,
      among(connection, graph, shape, others, rowsOf(from), rowsOf(to)),
    )) {
      const other = others.some((column) => row[column] === null) ? undefined : byIdentity.get(identity(row));
      const name = JSON.stringify(keyOf(shape, row));
      if (other === undefined || seen.has(name)) continue;
      seen.add(name);
      found.push({ table: shape.name, columns, from: row, to: other });
    }
  }
  return found;
}

/** Rows of one of whose kind the other has some: the first column that makes the kind is enough to keep them few. */
function among(
  { db }: DbContext,
  graph: ReferenceGraph,
  shape: TableShape,
  others: readonly string[],
  own: Narrow,
  counterpart: Narrow,
): Narrow {
  return (query: Knex.QueryBuilder) => {
    own(query);
    for (const column of others) {
      const values = fromTable(db, graph, shape.name).select(column);
      counterpart(values);
      query.whereIn(column, values);
    }
  };
}

async function deleteRow(
  connection: DbContext,
  graph: ReferenceGraph,
  shape: TableShape,
  row: TableRow,
  recorder: MoveRecorder | undefined,
): Promise<void> {
  const [key] = shape.key;
  if (key === undefined || shape.key.length > 1) {
    recorder?.deleted(shape.name, [row]);
    const query = fromTable(connection.db, graph, shape.name);
    whereRow(connection, connection.db, shape, row)(query);
    await query.del();
    return;
  }
  const plan = await planCascade(
    connection,
    graph,
    { table: shape.name, keys: [row[key] ?? null] },
    {
      override: ({ onDelete }) => (onDelete === 'UNKNOWN' ? 'PROTECT' : undefined),
    },
  );
  for (const step of plan.steps) {
    if (step.action !== 'refuse' || (await countStep(connection, graph, step)) === 0) continue;
    throw new CommandError(`A row of '${shape.name}' cannot give way: rows of '${step.table}' refer to it.`, {
      code: 'protected_rows',
      hint: `Resolve by hand which row of '${shape.name}' is to stay.`,
    });
  }
  await carryOut(connection, graph, plan, async (step) => {
    if (recorder !== undefined) await record(connection, graph, step, recorder);
  });
}

/** Tells a recorder what a step of a cascade is going to change. */
export async function record(
  connection: DbContext,
  graph: ReferenceGraph,
  step: CascadeStep,
  recorder: MoveRecorder,
): Promise<void> {
  const shape = graph.tables.get(step.table);
  if (shape === undefined || step.action === 'refuse' || step.action === 'unknown' || step.action === 'nothing') return;
  const rows = await readTableRows(connection, graph, shape, step.narrow(connection.db));
  if (rows.length === 0) return;
  if (step.action === 'delete') recorder.deleted(shape.name, rows);
  else if (step.column !== undefined) {
    for (const row of rows) {
      recorder.updated({
        table: shape.name,
        column: step.column,
        from: row[step.column] ?? null,
        to: null,
        keys: [keyOf(shape, row)],
      });
    }
  }
}

/**
 * Makes rows that refer to `from` refer to `to`, in the transaction of the connection. Where both have a row of which there
 * can be one, the rule decides which stays; the other is deleted with what refers to it.
 *
 * @throws CommandError of code `collisions` with the rule `refuse`, and `protected_rows`.
 */
export async function moveReferences(
  connection: DbContext,
  graph: ReferenceGraph,
  options: MoveOptions,
): Promise<Moved[]> {
  const { db, dialect } = connection;
  const { edges, from, to, onCollision, recorder, within } = options;
  const moved: Moved[] = [];
  for (const edge of edges) {
    const shape = graph.tables.get(edge.from);
    if (shape === undefined) continue;
    const field = fieldOf(shape, edge.column);
    const collisions = await findCollisions(connection, graph, edge, options);
    if (collisions.length > 0 && onCollision === 'refuse') throw collisionError(collisions);
    for (const collision of collisions) {
      const replaces = onCollision === 'newest' && !edge.link && isNewer(shape, collision.from, collision.to);
      await deleteRow(connection, graph, shape, replaces ? collision.to : collision.from, recorder);
    }
    const isKey = shape.key.length === 1 && shape.key[0] === edge.column;
    const mine: Narrow = (query) => {
      query.where(edge.column, dialect.bind(db, field, from));
      within?.(edge)?.(query);
    };
    if (recorder !== undefined) {
      const rows = await keysOf(connection, graph, shape, mine);
      const keys = isKey ? rows.map((row) => ({ ...row, [edge.column]: to })) : rows;
      if (rows.length > 0) recorder.updated({ table: shape.name, column: edge.column, from, to, keys });
    }
    const query = fromTable(db, graph, shape.name);
    mine(query);
    const rows = await query.update({ [edge.column]: dialect.bind(db, field, to) });
    moved.push({ table: shape.name, column: edge.column, rows, dropped: collisions.length });
    // The key of the row itself is another one now.
    if (isKey && rows > 0) {
      const further = graph.edges.filter((each) => each.to === shape.name && each.toColumn === edge.column);
      moved.push(
        ...(await moveReferences(connection, graph, {
          from,
          to,
          onCollision,
          edges: further,
          ...(recorder === undefined ? {} : { recorder }),
        })),
      );
    }
  }
  return moved;
}

async function keysOf(
  { db, dialect }: DbContext,
  graph: ReferenceGraph,
  shape: TableShape,
  narrow: Narrow,
): Promise<TableRow[]> {
  const fields = shape.key.length > 0 ? shape.fields.filter(({ column }) => shape.key.includes(column)) : shape.fields;
  const query = fromTable(db, graph, shape.name).select(
    fields.map((field) => dialect.selectColumn(db, field, field.column)),
  );
  narrow(query);
  return plainRows(shape, fields, await query, (field, raw) => dialect.read(field, raw));
}

function collisionError(collisions: readonly Collision[]): CommandError {
  const tables = [...new Set(collisions.map(({ table, columns }) => `'${table}' (${columns.join(', ')})`))];
  return new CommandError(`Both have rows of which there can be one: in ${tables.join(', ')}.`, {
    code: 'collisions',
    hint: 'Choose which is to stay, or resolve it by hand.',
  });
}
