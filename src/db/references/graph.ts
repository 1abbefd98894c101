import { findModel, referredField, storedField } from '../../registry/define.js';
import type { Field, Model, Registry } from '../../registry/types.js';
import type { Connection, DbContext } from '../connect/connection.js';
import { typeOf } from '../introspection/fields.js';
import type { DeleteAction, IntrospectedTable, OutsideReference } from '../introspection/introspection.js';
import { primaryKeyOf } from '../introspection/models.js';
import { isHistory } from '../introspection/names.js';
import type { TablePlace } from '../write/truncate.js';

/**
 * What becomes of a row when the one that it refers to goes: what Django's model says, or the database itself. `UNKNOWN` where
 * neither does: the database then only refuses.
 */
export type OnDelete = 'CASCADE' | 'PROTECT' | 'RESTRICT' | 'SET_NULL' | 'SET_DEFAULT' | 'DO_NOTHING' | 'UNKNOWN';

/** A column that refers to another table. */
export interface ReferenceEdge {
  readonly from: string;
  readonly column: string;
  readonly to: string;
  readonly toColumn: string;
  readonly onDelete: OnDelete;
  /** Who says so: a model that is known, or the database. */
  readonly source: 'model' | 'database' | undefined;
  readonly null: boolean;
  /** Whether finding the rows of one target reads no more than those. */
  readonly indexed: boolean;
  /** What `SET_DEFAULT` sets. */
  readonly fallback?: Field['default'];
  /** SQL of the column's own default, where the database has one. */
  readonly defaultSql?: string;
  /** Whether its table does nothing but link two others. */
  readonly link: boolean;
}

/** Columns that refer to another table together. Its `column` and `toColumn` are the first of them. */
export interface SeveralEdge extends ReferenceEdge {
  readonly columns: readonly string[];
  readonly toColumns: readonly string[];
}

/** Columns that are unique together. */
export interface UniqueKey {
  readonly columns: readonly string[];
  /** SQL of the condition under which they are, as the database has it. */
  readonly where?: string;
}

/** A table with the types of its columns. */
export interface TableShape {
  readonly name: string;
  readonly key: readonly string[];
  /** Stored fields, each named as its column. */
  readonly fields: readonly Field[];
  readonly uniques: readonly UniqueKey[];
  readonly model: Model | undefined;
}

export interface ReferenceGraph {
  readonly tables: ReadonlyMap<string, TableShape>;
  readonly edges: readonly ReferenceEdge[];
  /** References by several columns, as the database has them; none of them is among `edges`. */
  readonly several: readonly SeveralEdge[];
  /** Where tables are that cannot be named without a schema. */
  readonly places: ReadonlyMap<string, TablePlace>;
}

const databaseActions = { cascade: 'CASCADE', 'set null': 'SET_NULL', 'set default': 'SET_DEFAULT' } as const;

/** The condition of a partial index, with the names of columns quoted: the catalogue may have taken that off. */
function conditionOf(
  definition: string,
  fields: readonly Field[],
  { quoteName }: Pick<Connection['dialect'], 'quoteName'>,
): string | undefined {
  const where = /\bWHERE\b([\s\S]*)$/i.exec(definition)?.[1]?.trim();
  const names = new Map(fields.map(({ column }) => [column.toLowerCase(), column]));
  return where?.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\b[A-Za-z_]\w*\b/g, (word) => {
    const column = names.get(word.toLowerCase());
    return column === undefined ? word : quoteName(column);
  });
}

function shapeOf({ registry, dialect }: DbContext, table: IntrospectedTable): TableShape {
  const model = registry.models.find((each) => each.table === table.name);
  const key = primaryKeyOf(table);
  const fields = table.columns
    .filter(({ computed }) => !computed)
    .map((column): Field => {
      const known = model?.fields.find((field) => field.column === column.name);
      const stored = known === undefined ? typeOf(table, column) : storedField(registry, known);
      return {
        ...stored,
        name: column.name,
        column: column.name,
        null: column.null,
        blank: column.null,
        primaryKey: key.includes(column.name),
        unique: false,
        dbIndex: false,
        verboseName: known?.verboseName ?? column.name.replaceAll('_', ' '),
      };
    });
  const uniques = table.constraints
    .filter(({ kind, columns }) => (kind === 'unique' || kind === 'primary') && columns.length > 0)
    .map(({ columns, definition }): UniqueKey => {
      const where = conditionOf(definition ?? '', fields, dialect);
      return { columns, ...(where === undefined ? {} : { where }) };
    });
  return { name: table.name, key, fields, uniques, model };
}

/** What the database says, or the model that is known by the columns of its table. */
function actionOf(
  onDelete: DeleteAction | undefined,
  column: string,
  table?: IntrospectedTable,
): Pick<ReferenceEdge, 'onDelete' | 'source'> {
  if (onDelete !== undefined) return { onDelete: databaseActions[onDelete], source: 'database' };
  // simple_history/models.py: who made a change is forgotten, the change is not.
  if (column === 'history_user_id' && isHistory(table?.columns.map(({ name }) => name) ?? []))
    return { onDelete: 'SET_NULL', source: 'model' };
  return { onDelete: 'UNKNOWN', source: undefined };
}

const isIndexed = ({ constraints }: IntrospectedTable, column: string) =>
  constraints.some(
    ({ kind, columns, definition }) =>
      ['primary', 'unique', 'index'].includes(kind) && columns[0] === column && !/\bWHERE\b/i.test(definition ?? ''),
  );

const NOWHERE: IntrospectedTable = { name: '', kind: 'table', columns: [], constraints: [] };

/** Edges that models declare, the database's constraint or not. */
function declaredEdges(registry: Registry, tables: ReadonlyMap<string, IntrospectedTable>): ReferenceEdge[] {
  const keyOf = (label: string, field: Pick<Field, 'toField'> = {}) => {
    const model = findModel(registry, label);
    return model === undefined ? undefined : { to: model.table, toColumn: referredField(model, field).column };
  };
  const edge = (
    from: string,
    column: string,
    target: { readonly to: string; readonly toColumn: string } | undefined,
    more: Pick<ReferenceEdge, 'onDelete' | 'link' | 'fallback' | 'defaultSql'>,
  ): ReferenceEdge[] => {
    const table = tables.get(from);
    const found = table?.columns.find(({ name }) => name === column);
    if (target === undefined || table === undefined || found === undefined || !tables.has(target.to)) return [];
    return [
      {
        from,
        column,
        ...target,
        ...more,
        source: more.onDelete === 'UNKNOWN' ? undefined : 'model',
        null: found.null,
        indexed: isIndexed(table, column),
      },
    ];
  };
  return registry.models.flatMap((model) => [
    ...model.fields.flatMap((field) =>
      field.to === undefined
        ? []
        : edge(model.table, field.column, keyOf(field.to, field), {
            onDelete: field.onDelete ?? 'UNKNOWN',
            link: false,
            ...(field.default === undefined ? {} : { fallback: field.default }),
            ...defaultOf(tables.get(model.table) ?? NOWHERE, field.column),
          }),
    ),
    ...model.manyToMany.flatMap((relation) =>
      relation.through === undefined
        ? [
            ...edge(relation.table, relation.column, keyOf(model.label), { onDelete: 'CASCADE', link: true }),
            ...edge(relation.table, relation.reverseColumn, keyOf(relation.to), { onDelete: 'CASCADE', link: true }),
          ]
        : [],
    ),
  ]);
}

/**
 * Reads which tables refer to which, and what becomes of their rows: from the models that are known, and else from the database.
 */
export async function readReferences(connection: DbContext): Promise<ReferenceGraph> {
  const { db, dialect, registry } = connection;
  const introspection = await dialect.introspect(db);
  const tables = new Map([...introspection.tables].filter(([, { kind }]) => kind === 'table'));
  const declared = declaredEdges(registry, tables);
  const isDeclared = (from: string, column: string, to: string) =>
    declared.some(
      (edge) => edge.from === from && edge.column === column && edge.to === to && edge.source !== undefined,
    );
  const found = [...tables.values()]
    .flatMap((table) => edgesOf(table, tables))
    .filter(({ from, column, to }) => !isDeclared(from, column, to));
  const outside = introspection.outside.flatMap((reference) => outsideEdges(reference, tables));
  const known = declared.filter(
    (edge) =>
      edge.source !== undefined ||
      ![...found, ...outside].some(
        ({ from, column, to }) => from === edge.from && column === edge.column && to === edge.to,
      ),
  );
  return {
    tables: new Map([...tables].map(([name, table]) => [name, shapeOf(connection, table)])),
    edges: [...known, ...found, ...outside],
    several: [...tables.values()].flatMap((table) => severalOf(table, tables)),
    places: new Map(introspection.outside.map(({ schema, table }) => [`${schema}.${table}`, { schema, name: table }])),
  };
}

/** The references of a table, as the database has them. */
function edgesOf(table: IntrospectedTable, tables: ReadonlyMap<string, IntrospectedTable>): ReferenceEdge[] {
  return table.constraints.flatMap(({ columns: [column, ...more], references, onDelete }) => {
    const target = references === undefined ? undefined : tables.get(references.table);
    const toColumn = references?.columns[0] ?? (target === undefined ? undefined : primaryKeyOf(target)[0]);
    if (column === undefined || more.length > 0 || target === undefined || toColumn === undefined) return [];
    return [
      {
        from: table.name,
        column,
        to: target.name,
        toColumn,
        ...actionOf(onDelete, column, table),
        null: table.columns.find(({ name }) => name === column)?.null ?? false,
        indexed: isIndexed(table, column),
        link: false,
        ...defaultOf(table, column),
      },
    ];
  });
}

function defaultOf({ columns }: IntrospectedTable, column: string): Pick<ReferenceEdge, 'defaultSql'> {
  const found = columns.find(({ name }) => name === column)?.default;
  return found === undefined ? {} : { defaultSql: found };
}

/** The references of a table by several columns. */
function severalOf(table: IntrospectedTable, tables: ReadonlyMap<string, IntrospectedTable>): SeveralEdge[] {
  return table.constraints.flatMap(({ columns, references, onDelete }) => {
    const target = references === undefined ? undefined : tables.get(references.table);
    const [column] = columns;
    if (column === undefined || columns.length < 2 || references === undefined || target === undefined) return [];
    const toColumns = references.columns.length > 0 ? references.columns : primaryKeyOf(target);
    return [
      {
        from: table.name,
        column,
        columns,
        to: target.name,
        toColumn: toColumns[0] ?? '',
        toColumns,
        ...actionOf(onDelete, column),
        null: columns.every((name) => table.columns.find((each) => each.name === name)?.null),
        indexed: isIndexed(table, column),
        link: false,
      },
    ];
  });
}

/** The same of a table that cannot be named without its schema. */
function outsideEdges(
  { schema, table, columns, references, onDelete }: OutsideReference,
  tables: ReadonlyMap<string, IntrospectedTable>,
): ReferenceEdge[] {
  const target = references.schema === undefined ? tables.get(references.table) : undefined;
  const [column, ...more] = columns;
  const toColumn = references.columns[0];
  if (target === undefined || column === undefined || more.length > 0 || toColumn === undefined) return [];
  const from = `${schema}.${table}`;
  const action = actionOf(onDelete, column);
  return [{ from, column, to: target.name, toColumn, ...action, null: false, indexed: true, link: false }];
}

/** Edges to a table, of all tables in the order of their names. */
export function edgesTo({ edges }: ReferenceGraph, table: string): ReferenceEdge[] {
  return edges
    .filter(({ to }) => to === table)
    .toSorted((a, b) => (a.from === b.from ? (a.column < b.column ? -1 : 1) : a.from < b.from ? -1 : 1));
}
