import type { FieldDefinition, ManyToManyDefinition, ModelDefinition } from '../../registry/types.js';
import { typeOf } from './fields.js';
import type { DeleteAction, IntrospectedColumn, IntrospectedTable, LooseReference } from './introspection.js';
import type { ModelName } from './names.js';

/** A table that only links two others. */
export interface JoinTable {
  readonly table: IntrospectedTable;
  readonly owner: string;
  readonly column: string;
  readonly target: string;
  readonly reverseColumn: string;
  /** Name of the relation in the owner's model. */
  readonly name: string;
}

interface SingleReference {
  readonly column: string;
  readonly table: string;
  /** Undefined where the engine does not say, which means the key. */
  readonly target: string | undefined;
  readonly onDelete: DeleteAction | undefined;
  /** Whether the database has no constraint for it. */
  readonly isLoose?: true;
}

function referencesOf({ constraints }: IntrospectedTable): SingleReference[] {
  return constraints.flatMap(({ columns: [column, ...more], references, onDelete }) =>
    column === undefined || more.length > 0 || references === undefined
      ? []
      : [{ column, table: references.table, target: references.columns[0], onDelete }],
  );
}

/** A view has none of its own: then `id` is taken for it, or the first column. */
export function primaryKeyOf({ kind: what, columns, constraints }: IntrospectedTable): readonly string[] {
  if (what === 'view')
    return columns
      .filter(({ name }, index) => name === 'id' || index === 0)
      .slice(-1)
      .map(({ name }) => name);
  return constraints.find(({ kind }) => kind === 'primary')?.columns ?? [];
}

/** Whether no two rows can have the same values in both columns, nor NULL in one of them: so are the join tables of Django 5.2. */
function isPairOfItsOwn({ columns, constraints }: IntrospectedTable, pair: readonly string[]): boolean {
  return (
    columns.every((column) => !column.null || !pair.includes(column.name)) &&
    constraints.some(
      ({ kind, columns: over, definition }) =>
        kind === 'unique' &&
        definition === undefined &&
        over.length === pair.length &&
        pair.every((column) => over.includes(column)),
    )
  );
}

/** The relation that a table stands for, if it has a key, two references that are unique together and nothing else. */
export function asJoinTable(table: IntrospectedTable): JoinTable | undefined {
  const key = primaryKeyOf(table);
  const [first, second, ...more] = referencesOf(table);
  if (table.kind === 'view' || first === undefined || second === undefined || more.length > 0) return undefined;
  if (key.length !== 1 || table.columns.length !== 3 || first.column === second.column) return undefined;
  const pair = [first.column, second.column];
  if (key.some((column) => pair.includes(column)) || !isPairOfItsOwn(table, pair)) return undefined;
  const inOrder = [first, second].sort((a, b) => place(table, a.column) - place(table, b.column));
  const owns = ({ table: owner }: SingleReference) => table.name.startsWith(`${owner}_`);
  const owning = inOrder.filter(owns).sort((a, b) => b.table.length - a.table.length)[0] ?? inOrder[0] ?? first;
  const other = owning === first ? second : first;
  return {
    table,
    owner: owning.table,
    column: owning.column,
    target: other.table,
    reverseColumn: other.column,
    name: owns(owning) ? table.name.slice(owning.table.length + 1) : table.name,
  };
}

const place = ({ columns }: IntrospectedTable, column: string) => columns.findIndex(({ name }) => name === column);

/** What is needed to describe one table. */
export interface Describing {
  readonly names: ReadonlyMap<string, ModelName>;
  readonly keys: ReadonlyMap<string, readonly string[]>;
  readonly joins: readonly JoinTable[];
  readonly tables: ReadonlyMap<string, IntrospectedTable>;
  /** Whether every reference has an index anyway. */
  readonly indexedReferences: boolean;
  /** References without a constraint, as far as their values say so. */
  readonly loose: readonly LooseReference[];
}

/** References of a table, with a constraint or without one. */
const allReferencesOf = (table: IntrospectedTable, { loose }: Pick<Describing, 'loose'>): SingleReference[] => [
  ...referencesOf(table),
  ...loose
    .filter((each) => each.table === table.name)
    .map(({ column, to, toColumn }) => ({
      column,
      table: to,
      target: toColumn,
      onDelete: undefined,
      isLoose: true as const,
    })),
];

export const labelOf = ({ app, name }: ModelName): string => `${app}.${name.toLowerCase()}`;

/** The model of a table, with the relations that it owns; undefined where the table has no key. */
export function describeModel(table: IntrospectedTable, describing: Describing): ModelDefinition | undefined {
  const key = primaryKeyOf(table);
  if (key.length === 0) return undefined;
  const name = describing.names.get(table.name);
  const fieldNames = fieldNamesOf(table, describing);
  const fields: Record<string, FieldDefinition> = {};
  for (const column of table.columns) {
    const fieldName = fieldNames.get(column.name) ?? column.name;
    fields[fieldName] = column.computed
      ? describeComputed(table, column, fieldName)
      : describeField(table, column, key, fieldName, describing);
  }
  const named = (columns: readonly string[]) => columns.map((column) => fieldNames.get(column) ?? column);
  const several = (kind: 'unique' | 'index') =>
    table.constraints.filter(
      (each) =>
        each.kind === kind &&
        each.columns.length > 1 &&
        each.definition === undefined &&
        each.columns.every((column) => table.columns.some(({ name, computed }) => name === column && !computed)),
    );
  const uniqueTogether = several('unique').map(({ columns }) => named(columns));
  const indexes = several('index').map(({ name: index, columns }) => ({
    ...(index === undefined ? {} : { name: index }),
    fields: named(columns),
  }));
  const manyToMany = describeRelations(table.name, describing, fields);
  return {
    ...(table.name === `${name?.app}_${name?.name.toLowerCase()}` ? {} : { table: table.name }),
    fields,
    ...(key.length > 1 ? { primaryKey: named(key) } : {}),
    ...(Object.keys(manyToMany).length === 0 ? {} : { manyToMany }),
    ...(uniqueTogether.length === 0 ? {} : { uniqueTogether }),
    ...(indexes.length === 0 ? {} : { indexes }),
    ...(name?.verboseName === undefined ? {} : { verboseName: name.verboseName }),
    ...permissionsOf(name),
    ...(table.kind === 'table' ? {} : { managed: false }),
  };
}

/**
 * The name, or the first of `name_0`, `name_1` … that is free: `owner` and `owner_id` would both be called `owner` (Django
 * 5.2 core/management/commands/inspectdb.py, normalize_col_name).
 */
function freeName(name: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name;
  let number = 0;
  while (isTaken(`${name}_${number}`)) number++;
  return `${name}_${number}`;
}

/** Those that Django gives to every model unless it is told otherwise. */
const defaultActions = ['add', 'change', 'delete', 'view'];

/** What the permissions that there are say of a model: which of Django's own it has, and which besides. */
export function permissionsOf(
  name: Pick<ModelName, 'name' | 'permissions'> | undefined,
): Pick<ModelDefinition, 'defaultPermissions' | 'permissions'> {
  const { permissions } = name ?? {};
  if (name === undefined || permissions === undefined) return {};
  const codenameOf = (action: string) => `${action}_${name.name.toLowerCase()}`;
  const actions = defaultActions.filter((action) => permissions[codenameOf(action)] !== undefined);
  const others = Object.entries(permissions).filter(
    ([codename]) => !actions.some((action) => codenameOf(action) === codename),
  );
  // A model without any, or with `add` alone, has rather lost its rows than been declared so.
  const isUsual =
    actions.length === defaultActions.length ||
    (others.length === 0 && actions.join() === '') ||
    actions.join() === 'add';
  return {
    ...(isUsual ? {} : { defaultPermissions: actions }),
    ...(others.length === 0 ? {} : { permissions: Object.fromEntries(others) }),
  };
}

function describeField(
  table: IntrospectedTable,
  column: IntrospectedColumn,
  key: readonly string[],
  fieldName: string,
  describing: Describing,
): FieldDefinition {
  const { name } = column;
  const alone = (kind: 'unique' | 'index') =>
    table.constraints.some(
      (each) =>
        each.kind === kind && each.columns.length === 1 && each.columns[0] === name && each.definition === undefined,
    );
  const isOfKey = key.includes(name);
  const primaryKey = isOfKey && key.length === 1;
  const unique = primaryKey || alone('unique');
  const common = {
    ...(primaryKey ? { primaryKey } : {}),
    // SQLite lets NULL be in a key, of which nothing could be found again.
    ...(column.null && (!isOfKey || primaryKey) ? { null: true, blank: true } : {}),
    ...(column.default === undefined || /^null\b/i.test(column.default) ? {} : { dbDefault: true }),
  };
  const found = describedReference(table, name, describing);
  if (found !== undefined) {
    const { reference, target, toField } = found;
    return {
      type: unique ? 'OneToOneField' : 'ForeignKey',
      to: reference.table === table.name ? 'self' : labelOf(target),
      ...(toField === undefined ? {} : { toField }),
      ...common,
      ...(`${fieldName}_id` === name ? {} : { column: name }),
      ...(unique || describing.indexedReferences || alone('index') ? {} : { dbIndex: false }),
      ...onDeleteOf(reference),
      ...(unique && reference.table !== table.name && isParentLink(name, toField)
        ? { parentLink: true, onDelete: 'CASCADE' }
        : {}),
    };
  }
  return {
    ...typeOf(table, column),
    ...common,
    ...(fieldName === name ? {} : { column: name }),
    ...(unique && !primaryKey ? { unique } : {}),
    ...(alone('index') && !unique ? { dbIndex: true } : {}),
  };
}

/** Django calls the reference of a model to the one that it inherits from `<parent>_ptr`, and deletes both rows together. */
const isParentLink = (column: string, toField: string | undefined): boolean =>
  column.endsWith('_ptr_id') && toField === undefined;

function describeComputed(table: IntrospectedTable, column: IntrospectedColumn, fieldName: string): FieldDefinition {
  return {
    ...typeOf(table, { ...column, generated: false }),
    ...(column.null ? { null: true, blank: true } : {}),
    ...(fieldName === column.name ? {} : { column: column.name }),
    computed: true,
  };
}

interface DescribedReference {
  readonly reference: SingleReference;
  readonly target: ModelName;
  /** Where it refers to another unique column than the key. */
  readonly toField: string | undefined;
}

/** The reference of a column, if there is a model for the row that it leads to. */
function describedReference(
  table: IntrospectedTable,
  column: string,
  describing: Describing,
): DescribedReference | undefined {
  const reference = allReferencesOf(table, describing).find((each) => each.column === column);
  const target = reference && describing.names.get(reference.table);
  if (reference === undefined || target === undefined || !isReferenceTo(table, column, describing)) return undefined;
  const [key, ...more] = describing.keys.get(reference.table) ?? [];
  const there = describing.tables.get(reference.table);
  const isKey =
    reference.target === undefined || (reference.target === key && more.length === 0) || there === undefined;
  return {
    reference,
    target,
    toField: isKey ? undefined : fieldNamesOf(there, describing).get(reference.target),
  };
}

/** Names of a table's fields by its columns, in whose order the first has a name that two want. */
function fieldNamesOf(table: IntrospectedTable, describing: Describing): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  // What is written keeps its name where another column has it too.
  for (const { name, computed } of [...table.columns].sort(
    (a, b) => Number(a.computed ?? 0) - Number(b.computed ?? 0),
  )) {
    const isReference = !computed && isReferenceTo(table, name, describing) && name.endsWith('_id') && name.length > 3;
    // No object of JavaScript or of a fixture can safely have a property of that name.
    const wanted = isReference ? name.slice(0, -3) : name === '__proto__' ? '__proto' : name;
    const free = freeName(wanted, (each) => taken.has(each));
    names.set(name, free);
    taken.add(free);
  }
  return names;
}

/** Whether the column refers to a table with a model: `describedReference` without the name of what it refers to. */
function isReferenceTo(table: IntrospectedTable, column: string, describing: Describing): boolean {
  const { names, keys, tables } = describing;
  const reference = allReferencesOf(table, describing).find((each) => each.column === column);
  const [key, ...more] = (reference && keys.get(reference.table)) ?? [];
  if (reference === undefined || !names.has(reference.table) || key === undefined) return false;
  if (more.length === 0 && (reference.target ?? key) === key) return true;
  return (
    reference.table !== table.name &&
    (tables.get(reference.table)?.constraints ?? []).some(
      ({ kind, columns, definition }) =>
        kind === 'unique' && columns.length === 1 && columns[0] === reference.target && definition === undefined,
    )
  );
}

/** What the database does by itself; where it refuses, only Django's code knows what is meant to happen. */
function onDeleteOf({ onDelete, isLoose }: SingleReference): Pick<FieldDefinition, 'onDelete' | 'dbConstraint'> {
  if (isLoose) return { dbConstraint: false, onDelete: 'DO_NOTHING' };
  if (onDelete === 'cascade') return { onDelete: 'CASCADE' };
  return onDelete === 'set null' ? { onDelete: 'SET_NULL' } : {};
}

function describeRelations(
  table: string,
  { names, joins }: Describing,
  fields: Readonly<Record<string, FieldDefinition>>,
): Record<string, ManyToManyDefinition> {
  const relations: Record<string, ManyToManyDefinition> = {};
  for (const { owner, name, target, column, reverseColumn, table: join } of joins) {
    const targetName = names.get(target);
    if (owner !== table || targetName === undefined) continue;
    const [key] = primaryKeyOf(join);
    const keyColumn = join.columns.find((each) => each.name === key);
    const free = freeName(name, (each) => fields[each] !== undefined || relations[each] !== undefined);
    relations[free] = {
      to: target === owner ? 'self' : labelOf(targetName),
      ...(join.name === `${owner}_${free}` ? {} : { table: join.name }),
      column,
      reverseColumn,
      ...(key === undefined || key === 'id' ? {} : { keyColumn: key }),
      ...(keyColumn !== undefined && typeOf(join, keyColumn).type === 'AutoField' ? { autoField: 'AutoField' } : {}),
    };
  }
  return relations;
}
