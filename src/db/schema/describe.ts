import type { IntrospectedConstraint, IntrospectedTable } from '../introspection/introspection.js';
import { orderedColumn } from './columns.js';
import type { Ddl } from './ddl.js';
import { declaredIndexName } from './names.js';
import type { ColumnDefinition, TableDefinition } from './schema-editor.js';

/** How an engine shows in its catalogue what it has made. */
export interface CatalogueStyle {
  readonly ddl: Pick<Ddl, 'uniqueName'>;
  /** The type as introspection spells it. */
  columnType(column: ColumnDefinition): string;
  isGenerated(column: ColumnDefinition): boolean;
  /** Names that constraints of one column have; undefined where they have none. */
  constraintName(
    kind: 'primary' | 'unique' | 'check' | 'foreign',
    table: string,
    column: ColumnDefinition,
  ): string | undefined;
  /** The condition on the column's values, as introspection spells it, where it shows one. */
  check(column: ColumnDefinition): string | undefined;
  /** Whether references are checked at the commit. */
  /** Left out where the engine has no references that are checked later. */
  readonly deferred?: boolean;
  /** The indexes that a column has for itself. */
  columnIndexes(table: TableDefinition, column: ColumnDefinition): IntrospectedConstraint[];
  /** What makes an index more than the plain one over its columns, or undefined. */
  indexDefinition(keys: readonly { readonly name: string; readonly descending: boolean }[]): string | undefined;
}

/** What introspection says of a table that was just made. */
export function describeTable(table: TableDefinition, style: CatalogueStyle): IntrospectedTable {
  const { name, columns, primaryKey, uniqueTogether = [], indexes = [] } = table;
  const [first] = columns;
  return {
    name,
    kind: 'table',
    columns: columns.map((column) => ({
      name: column.name,
      type: style.columnType(column),
      null: column.null ?? false,
      default: undefined,
      generated: style.isGenerated(column),
    })),
    constraints: [
      ...(primaryKey === undefined || first === undefined
        ? []
        : [{ name: style.constraintName('primary', name, first), kind: 'primary' as const, columns: primaryKey }]),
      ...columns.flatMap((column) => constraintsOf(table, column, style)),
      ...uniqueTogether.map((unique) => ({
        name: style.ddl.uniqueName(name, unique),
        kind: 'unique' as const,
        columns: unique,
      })),
      ...indexes.map((index) =>
        describeIndex(index.name ?? declaredIndexName(name, index.columns), index.columns, style),
      ),
    ],
  };
}

/** An index over `columns`, of which `-` stands for descending order. */
export function describeIndex(
  name: string,
  columns: readonly string[],
  { indexDefinition }: Pick<CatalogueStyle, 'indexDefinition'>,
): IntrospectedConstraint {
  const keys = columns.map(orderedColumn);
  const definition = indexDefinition(keys);
  return {
    name,
    kind: 'index',
    columns: keys.map((key) => key.name),
    ...(definition === undefined ? {} : { definition }),
  };
}

function constraintsOf(table: TableDefinition, column: ColumnDefinition, style: CatalogueStyle) {
  const constraints: IntrospectedConstraint[] = [];
  const add = (
    kind: 'primary' | 'unique' | 'check' | 'foreign',
    more: Pick<IntrospectedConstraint, 'definition' | 'references' | 'rules' | 'deferred'> = {},
  ) =>
    constraints.push({ name: style.constraintName(kind, table.name, column), kind, columns: [column.name], ...more });
  if (column.primaryKey) add('primary');
  else if (column.unique) add('unique');
  const definition = style.check(column);
  if (definition !== undefined) add('check', { definition });
  if (column.references !== undefined) {
    const { table: target, column: key } = column.references;
    add('foreign', {
      references: { table: target, columns: [key] },
      rules: style.deferred ? ' DEFERRABLE INITIALLY DEFERRED' : '',
      ...(style.deferred === undefined ? {} : { deferred: style.deferred }),
    });
  }
  return [...constraints, ...style.columnIndexes(table, column)];
}
