import type { DbContext, Executor } from '../db/connect/connection.js';
import type { SqlText } from '../db/dialect/sql.js';
import { sqlAsIs } from '../db/dialect/sql-as-is.js';
import { countSilent, readSilentReferences, silentText, thenText } from '../db/introspection/delete-actions.js';
import type { DeleteAction } from '../db/introspection/introspection.js';
import {
  assertNotShadowed,
  dependentsFirst,
  type Reference,
  readTableMap,
  type TableMap,
  tableOf,
  tablesOfModels,
  virtualTablesOf,
} from '../db/introspection/table-map.js';
import { unknownApps } from '../db/introspection/unknown-apps.js';
import { anyOf, everyRow, referTogether } from '../db/read/conditions.js';
import { CommandError } from '../errors.js';
import { findModel, referredField } from '../registry/define.js';
import { modelsOf } from '../registry/models-of.js';
import type { Field, Registry } from '../registry/types.js';
import { counted } from '../text.js';
import { partsOfOthers, someParts, withParentRows } from './inherited-rows.js';
import { keptContentTypes, keptPermissions } from './preserved-rows.js';

/** Rows that go, or a column that is changed in rows that stay. */
export interface ClearStep {
  readonly table: string;
  /** SQL condition of the rows. */
  readonly where: string;
  /** SQL of the column's new value; rows are deleted where there is none. */
  readonly set?: {
    readonly column: string;
    readonly value: string;
    /** Other columns of a reference by several, which get the same value. */
    readonly also?: readonly string[];
  };
  /** Whether rows of the table refer to each other, so that they can only go together. */
  readonly together: boolean;
}

export interface ClearPlan {
  /** In the order in which they have to be done. */
  readonly steps: readonly ClearStep[];
  readonly unknownApps: readonly string[];
  /** Virtual tables that stay as they are: only their module empties them. */
  readonly virtual: readonly string[];
  /**
   * What comes before `steps`, for each model whose rows are parts of other models' rows: the steps for some of its rows, which
   * are to be done together, as nothing else says which rows of the others they were parts of. None where there are no more.
   */
  readonly parts: readonly ((connection: DbContext) => Promise<readonly ClearStep[]>)[];
}

/** Rows of a model that inherits, which go in one transaction with those that they are parts of. */
const PARTS_AT_ONCE = 500;

export interface DeletionOptions {
  /** Also deletes rows of no known model that refer to what goes. */
  readonly cascade?: boolean;
  /** Empties columns that refer to what goes where they may be NULL, so that their rows stay. */
  readonly setNull?: boolean;
}

/** A column that refers to rows, and what becomes of its own rows when those go. */
interface Edge {
  readonly from: string;
  readonly column: string;
  readonly to: string;
  readonly toColumn: string;
  /** What else a reference by several columns consists of. */
  readonly more?: { readonly columns: readonly string[]; readonly toColumns: readonly string[] };
  readonly action: 'delete' | 'refuse' | 'foreign' | 'outside' | 'nothing' | { readonly value: string };
  /** What the database does by itself, where no model says what is to be done. */
  readonly onDelete?: DeleteAction | undefined;
  /** Whether its table is a model's, which does not have the column as a reference. */
  readonly isKnown?: boolean;
}

/**
 * Works out what deleting all rows of these models means, as Django's `delete` of them would (its `on_delete`).
 *
 * @throws CommandError for unknown labels, for tables that are not there, and as {@link planDeletion} does.
 */
export async function planClearing(
  connection: DbContext,
  executor: Executor,
  { labels, ...options }: DeletionOptions & { readonly labels: readonly string[] },
): Promise<ClearPlan> {
  const { registry, dialect } = connection;
  const map = await readTableMap(connection, executor);
  const unknown = await unknownApps(connection, executor, map.names);
  const models = modelsOf(registry, labels).filter(({ managed }) => managed);
  const missing = models.find(({ table }) => !map.names.has(table));
  if (missing !== undefined) {
    throw new CommandError(`The database has no table '${missing.table}'.`, {
      code: 'missing_table',
    });
  }
  const kept = new Map([
    [tableOf(registry, 'contenttypes.contenttype', map), keptContentTypes(dialect, unknown)],
    [tableOf(registry, 'auth.permission', map), keptPermissions(dialect, registry, map, unknown)],
  ]);
  const start = new Map(models.map(({ table }) => [table, kept.get(table) ?? everyRow]));
  const parts = partsOfOthers(registry, models);
  return {
    steps: await planDeletion(connection, executor, {
      map,
      start: withParentRows(dialect, registry, parts, start),
      ...options,
    }),
    unknownApps: unknown,
    virtual: virtualTablesOf(map, models),
    parts: parts.map((model) => async (bound) => {
      const some = await someParts(bound.db, dialect, registry, model, PARTS_AT_ONCE);
      return some === undefined ? [] : planDeletion(bound, bound.db, { map, start: some, ...options });
    }),
  };
}

/**
 * Works out what deleting rows means for those that refer to them. `start` has SQL conditions of rows by table.
 *
 * @throws CommandError where rows that are protected, or without `cascade` of no known model, refer to what would go.
 */
export async function planDeletion(
  { registry, dialect }: DbContext,
  executor: Executor,
  {
    map,
    start,
    cascade = false,
    setNull = false,
  }: DeletionOptions & { readonly map: TableMap; readonly start: ReadonlyMap<string, string> },
): Promise<ClearStep[]> {
  assertNotShadowed(map, [...start.keys()]);
  const gone = new Map([...start].map(([table, where]) => [table, [where]]));
  const changes: ClearStep[] = [];
  const emptied = ({ from, column, more }: Edge) =>
    [column, ...(more?.columns ?? [])].filter((each) => map.nullable.get(from)?.has(each) === true);
  const mayEmpty = (edge: Edge) =>
    setNull && typeof edge.action !== 'object' && edge.action !== 'nothing' && emptied(edge).length > 0;
  const edges = edgesOf(dialect, registry, map).map(
    (edge): Edge => (mayEmpty(edge) ? { ...edge, action: { value: 'NULL' } } : edge),
  );
  const order = dependentsFirst([...map.names].sort(), edgesAsReferences(edges));
  for (const table of order.toReversed()) {
    const conditions = gone.get(table);
    if (conditions === undefined) continue;
    const where = anyOf(conditions);
    for (const edge of edges) {
      if (edge.to !== table || gone.get(edge.from)?.[0] === everyRow) continue;
      const { action, from, column, toColumn, more = { columns: [], toColumns: [] } } = edge;
      if (from === table && typeof action !== 'object') continue;
      const columns = [column, ...more.columns];
      const refers = referTogether(dialect, columns, { table, columns: [toColumn, ...more.toColumns], where });
      if (typeof action === 'object' || (action === 'foreign' && cascade && edge.onDelete === 'set null')) {
        const value = typeof action === 'object' ? action.value : 'NULL';
        const [first = column, ...also] = value === 'NULL' && more.columns.length > 0 ? emptied(edge) : [column];
        const set = { column: first, value, ...(also.length === 0 ? {} : { also }) };
        changes.push({ table: from, where: refers, set, together: false });
      } else if (action === 'delete' || (action === 'foreign' && cascade)) {
        gone.set(from, [...(gone.get(from) ?? []), refers]);
      } else if (action !== 'nothing') {
        await assertNone({ db: executor, dialect }, edge, refers);
      }
    }
  }
  const selfReferring = new Set([
    ...map.selfReferring,
    ...edges.filter(({ from, to }) => from === to).map(({ from }) => from),
  ]);
  const deletions = order.flatMap((table): ClearStep[] => {
    const conditions = gone.get(table);
    return conditions === undefined ? [] : [{ table, where: anyOf(conditions), together: selfReferring.has(table) }];
  });
  return [...changes, ...deletions];
}

const edgesAsReferences = (edges: readonly Edge[]) =>
  edges
    .filter(({ from, to }) => from !== to)
    .map(({ from, to, column, toColumn }) => ({ from, to, columns: [column], toColumns: [toColumn] }));

function edgesOf(sql: SqlText, registry: Registry, map: TableMap): Edge[] {
  const known = new Set(tablesOfModels(registry.models));
  const key = (label: string, field: Pick<Field, 'toField'> = {}) => {
    const model = findModel(registry, label);
    return model === undefined ? undefined : { to: model.table, toColumn: referredField(model, field).column };
  };
  const declared = registry.models.flatMap((model): Edge[] => [
    ...model.fields.flatMap((field): Edge[] => {
      const target = field.to === undefined ? undefined : key(field.to, field);
      return target === undefined
        ? []
        : [{ from: model.table, column: field.column, ...target, action: actionOf(sql, field) }];
    }),
    ...model.manyToMany.flatMap((relation): Edge[] => {
      const target = key(relation.to);
      const own = key(model.label);
      if (relation.through !== undefined || target === undefined || own === undefined) return [];
      const link = { from: relation.table, action: 'delete' as const };
      return [
        { ...link, column: relation.column, ...own },
        { ...link, column: relation.reverseColumn, ...target },
      ];
    }),
  ]);
  // What a reference by several columns refers to is among what its first column alone does, where that refers to the same.
  const isDeclared = ({ from, columns: [column, ...more], to, toColumns }: Reference) =>
    known.has(from) &&
    declared.some(
      (edge) =>
        edge.from === from &&
        edge.column === column &&
        (more.length === 0 || (edge.action !== 'nothing' && edge.to === to && edge.toColumn === toColumns[0])),
    );
  const foreign = map.references
    .filter((reference) => !isDeclared(reference))
    .map(({ from, columns, to, toColumns, onDelete }): Edge => {
      const toColumn = toColumns[0] ?? registry.models.find(({ table }) => table === to)?.primaryKey.column ?? 'id';
      const action = map.outside.has(from) ? 'outside' : 'foreign';
      const more =
        columns.length > 1 && toColumns.length === columns.length
          ? { more: { columns: columns.slice(1), toColumns: toColumns.slice(1) } }
          : {};
      return { from, column: columns[0] ?? '', to, toColumn, ...more, action, onDelete, isKnown: known.has(from) };
    });
  return [...declared.map((edge) => asTheDatabaseDoes(edge, map)), ...foreign].filter(
    ({ from, to }) => (map.names.has(from) || map.outside.has(from)) && map.names.has(to),
  );
}

/** Where a model leaves it to the database, what that does is told and counted like everything else. */
function asTheDatabaseDoes(edge: Edge, { references }: TableMap): Edge {
  if (edge.action !== 'nothing') return edge;
  const { onDelete } =
    references.find(
      ({ from, columns, to }) =>
        columns.length === 1 && from === edge.from && columns[0] === edge.column && to === edge.to,
    ) ?? {};
  if (onDelete === 'cascade') return { ...edge, action: 'delete' };
  return onDelete === 'set null' ? { ...edge, action: { value: 'NULL' } } : edge;
}

function actionOf(sql: SqlText, { onDelete, default: fallback }: Field): Edge['action'] {
  switch (onDelete) {
    case 'CASCADE':
      return 'delete';
    case 'SET_NULL':
      return { value: 'NULL' };
    case 'SET_DEFAULT':
      if (fallback === undefined || !('value' in fallback)) return 'refuse';
      return { value: fallback.value === null ? 'NULL' : sql.quoteLiteral(fallback.value) };
    case 'DO_NOTHING':
      return 'nothing';
    case 'PROTECT':
    case 'RESTRICT':
    case undefined:
      return 'refuse';
    default:
      return onDelete satisfies never;
  }
}

async function assertNone(connection: Pick<DbContext, 'db' | 'dialect'>, edge: Edge, where: string): Promise<void> {
  const { from, to, column, more, action, onDelete } = edge;
  const [row] = await connection.db(from).count({ count: '*' }).whereRaw(sqlAsIs(where));
  const rows = Number(row?.count ?? 0);
  if (rows === 0) return;
  const refer = `${rows === 1 ? 'refers' : 'refer'} to rows of '${to}'`;
  const silent = { from, columns: [column, ...(more?.columns ?? [])], onDelete: onDelete ?? 'cascade' };
  const then =
    onDelete === 'cascade' && action !== 'outside'
      ? await countSilent(connection, await readSilentReferences(connection), { table: from, where })
      : [];
  const follows = `${silentText(silent, rows === 1 ? 'it' : 'them')}${thenText(then)}`;
  const too = onDelete === undefined ? '' : `: the database would ${follows}`;
  const what = counted(rows, 'row');
  if (action === 'outside') {
    throw new CommandError(`${what} of '${from}', which is in another schema, ${refer}${too}.`, {
      code: 'referring_tables',
      hint: 'Delete them first.',
    });
  }
  const whose = edge.isKnown
    ? more === undefined
      ? `by the column '${column}', which is not a reference of its model,`
      : `by the columns ${[column, ...more.columns].map((each) => `'${each}'`).join(' and ')}, which are no reference of its model,`
    : 'which belongs to no known model,';
  throw action === 'foreign'
    ? new CommandError(`${what} of '${from}', ${whose} ${refer}${too}.`, {
        code: 'referring_tables',
      })
    : new CommandError(`${what} of '${from}' ${rows === 1 ? 'protects' : 'protect'} rows of '${to}'.`, {
        code: 'protected_rows',
        hint: `To delete its rows as well, name the model of '${from}', too.`,
      });
}
