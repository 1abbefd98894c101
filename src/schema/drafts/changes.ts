import type { ColumnDefinition, TableDefinition, TableIndex } from '../../db/schema/schema-editor.js';
import type { FieldDefault } from '../../registry/types.js';

/** One step from the tables that migrations make to those that models have. */
export type Change =
  | { readonly kind: 'create_table' | 'drop_table'; readonly table: TableDefinition }
  | {
      readonly kind: 'add_column' | 'drop_column' | 'alter_column';
      readonly before: TableDefinition;
      readonly after: TableDefinition;
      readonly column: string;
      /** What rows that are there get, where they must get something. */
      readonly fill?: FieldDefault;
      /** What nobody but a person can decide. */
      readonly doubt?: string;
    }
  | {
      /** The table is made anew, which nobody can do without deciding what becomes of its rows and of what refers to them. */
      readonly kind: 'change_key';
      readonly before: TableDefinition;
      readonly after: TableDefinition;
      readonly doubt: string;
    }
  | {
      readonly kind: 'add_unique' | 'drop_unique';
      readonly table: TableDefinition;
      readonly columns: readonly string[];
    }
  | { readonly kind: 'add_index' | 'drop_index'; readonly table: TableDefinition; readonly index: TableIndex };

/** Values by table and column that models give where nothing is given. */
export type Defaults = ReadonlyMap<string, FieldDefault>;

/** What refers to a generated key makes none of its own. */
const plainTypes: Partial<Record<ColumnDefinition['type'], ColumnDefinition['type']>> = {
  AutoField: 'IntegerField',
  BigAutoField: 'BigIntegerField',
  SmallAutoField: 'SmallIntegerField',
};

/** A column without what says nothing, in one order. */
function plainColumn(column: ColumnDefinition): ColumnDefinition {
  const { name, maxLength, maxDigits, decimalPlaces, baseField, dbType, null: isNull, unique, index } = column;
  const { primaryKey, references } = column;
  const type = references === undefined ? column.type : (plainTypes[column.type] ?? column.type);
  return {
    name,
    type,
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(maxDigits === undefined ? {} : { maxDigits }),
    ...(decimalPlaces === undefined ? {} : { decimalPlaces }),
    ...(baseField === undefined ? {} : { baseField }),
    ...(dbType === undefined ? {} : { dbType }),
    ...(isNull ? { null: true } : {}),
    ...(unique ? { unique: true } : {}),
    // References have an index unless they are told otherwise, and unique columns need none.
    ...(references === undefined
      ? index && !unique && !primaryKey
        ? { index: true }
        : {}
      : index === false
        ? { index: false }
        : {}),
    ...(primaryKey ? { primaryKey: true } : {}),
    ...(references === undefined ? {} : { references: { table: references.table, column: references.column } }),
  };
}

function plainTable(table: TableDefinition): TableDefinition {
  const { name, schema, columns, primaryKey, uniqueTogether = [], indexes = [] } = table;
  return {
    name,
    ...(schema === undefined ? {} : { schema }),
    columns: columns.map(plainColumn),
    ...(primaryKey === undefined ? {} : { primaryKey }),
    ...(uniqueTogether.length > 0 ? { uniqueTogether } : {}),
    ...(indexes.length > 0 ? { indexes } : {}),
  };
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
const texts = new Set(['CharField', 'TextField', 'EmailField', 'SlugField', 'URLField']);

/** What a column that may hold no NULL gives rows that are there: the model's default, or the empty text that Django takes. */
function fillOf(table: string, column: ColumnDefinition, defaults: Defaults): FieldDefault | undefined {
  const known = defaults.get(`${table}.${column.name}`);
  if (known !== undefined) return known;
  return texts.has(column.type) && column.unique !== true ? { value: '' } : undefined;
}

function columnChanges(before: TableDefinition, after: TableDefinition, defaults: Defaults): Change[] {
  const had = new Map(before.columns.map((column) => [column.name, column]));
  const has = new Map(after.columns.map((column) => [column.name, column]));
  const added = after.columns.filter(({ name }) => !had.has(name));
  const dropped = before.columns.filter(({ name }) => !has.has(name));
  const filled = (column: ColumnDefinition) => {
    const fill = fillOf(after.name, column, defaults);
    if (fill !== undefined) return { fill };
    return { doubt: `rows that are there need a value for ${column.name}: say which in \`fill\`` };
  };
  const renamed = (column: ColumnDefinition) =>
    added.find((each) => same({ ...each, name: '' }, { ...column, name: '' }))?.name;
  // Each step is given the table as the one before it has left it.
  let table: TableDefinition = { ...before, uniqueTogether: [], indexes: [] };
  const step = (columns: readonly ColumnDefinition[]) => {
    const from = table;
    table = { ...table, columns };
    const lists = {
      ...(before.uniqueTogether === undefined
        ? {}
        : { uniqueTogether: kept(before.uniqueTogether, after.uniqueTogether) }),
      ...(before.indexes === undefined ? {} : { indexes: kept(before.indexes, after.indexes) }),
    };
    return { before: { ...plainTable(from), ...lists }, after: { ...plainTable(table), ...lists } };
  };
  const changes: Change[] = [];
  for (const column of added) {
    const needed = column.null === true ? {} : filled(column);
    changes.push({ kind: 'add_column', ...step([...table.columns, column]), column: column.name, ...needed });
  }
  for (const column of after.columns) {
    const old = had.get(column.name);
    if (old === undefined || same(old, column)) continue;
    const needed = old.null === true && column.null !== true ? filled(column) : {};
    const columns = table.columns.map((each) => (each.name === column.name ? column : each));
    changes.push({ kind: 'alter_column', ...step(columns), column: column.name, ...needed });
  }
  for (const column of dropped) {
    const to = renamed(column);
    const doubt = `${column.name} goes with its values; if it became ${to}, copy them first`;
    const columns = table.columns.filter(({ name }) => name !== column.name);
    changes.push({
      kind: 'drop_column',
      ...step(columns),
      column: column.name,
      ...(to === undefined ? {} : { doubt }),
    });
  }
  return changes;
}

/** What stays in a list: what goes is dropped before columns change, and what comes is added after that. */
const kept = <T>(before: readonly T[] = [], after: readonly T[] = []) =>
  before.filter((each) => after.some((other) => same(other, each)));

function listChanges(before: TableDefinition, after: TableDefinition): Change[] {
  const without = <T>(list: readonly T[] = [], other: readonly T[] = []) =>
    list.filter((each) => !other.some((one) => same(one, each)));
  return [
    ...without(before.uniqueTogether, after.uniqueTogether).map(
      (columns): Change => ({ kind: 'drop_unique', table: before, columns }),
    ),
    ...without(before.indexes, after.indexes).map((index): Change => ({ kind: 'drop_index', table: before, index })),
    ...without(after.uniqueTogether, before.uniqueTogether).map(
      (columns): Change => ({ kind: 'add_unique', table: after, columns }),
    ),
    ...without(after.indexes, before.indexes).map((index): Change => ({ kind: 'add_index', table: after, index })),
  ];
}

/** Names of the columns of a table's key. */
export const keyOf = ({ primaryKey, columns }: TableDefinition): string =>
  (primaryKey ?? columns.filter((column) => column.primaryKey).map(({ name }) => name)).join(', ');

/** The steps from `before` to `after`, in an order in which they can be done. */
export function changesBetween(
  before: ReadonlyMap<string, TableDefinition>,
  after: ReadonlyMap<string, TableDefinition>,
  defaults: Defaults,
): Change[] {
  const changes: Change[] = [];
  for (const [name, table] of after) {
    const had = before.get(name);
    if (had === undefined) changes.push({ kind: 'create_table', table: plainTable(table) });
  }
  for (const [name, table] of after) {
    const had = before.get(name);
    if (had === undefined) continue;
    const [from, to] = [plainTable(had), plainTable(table)];
    const [oldKey, newKey] = [keyOf(from), keyOf(to)];
    if (oldKey !== newKey) {
      const doubt = `the primary key of ${name} changes from ${oldKey} to ${newKey}: copy its rows to another table first and back in the end, let what refers to them follow, and take out the \`throw\``;
      changes.push({ kind: 'change_key', before: from, after: to, doubt });
      continue;
    }
    const lists = listChanges(from, to);
    const isDrop = ({ kind }: Change) => kind.startsWith('drop_');
    changes.push(...lists.filter(isDrop), ...columnChanges(from, to, defaults), ...lists.filter((c) => !isDrop(c)));
  }
  const gone = [...before.values()].filter(({ name }) => !after.has(name)).toReversed();
  for (const table of gone) changes.push({ kind: 'drop_table', table: plainTable(table) });
  return changes;
}
