import type { IntrospectedConstraint, IntrospectedTable } from '../../introspection/introspection.js';
import { isIndexed, orderedColumn } from '../../schema/columns.js';
import { declaredIndexName } from '../../schema/names.js';
import type { ColumnDefinition, TableDefinition, TableIndex } from '../../schema/schema-editor.js';
import { columnCheck, columnType, isIdentity, likeClass } from './columns.js';
import { indexDefinition, normalizeCheck } from './introspect.js';
import {
  columnIndexName,
  foreignKeyOf,
  hasLikeIndex,
  likeIndexName,
  serverName,
  uniqueConstraintName,
} from './statements.js';

function indexOf(name: string, columns: readonly string[], opclass: string | null = null): IntrospectedConstraint {
  const keys = columns.map(orderedColumn).map((column) => ({ ...column, opclass, text: column.name }));
  const definition = indexDefinition('btree', keys, undefined);
  return {
    name,
    kind: 'index',
    columns: keys.map((key) => key.name),
    ...(definition === undefined ? {} : { definition }),
  };
}

function constraintsOf(table: string, column: ColumnDefinition): IntrospectedConstraint[] {
  const columns = [column.name];
  const constraints: IntrospectedConstraint[] = [];
  const check = columnCheck(column);
  const foreignKey = foreignKeyOf(table, column);
  // The server names these three by itself.
  if (column.primaryKey) constraints.push({ name: serverName(table, undefined, 'pkey'), kind: 'primary', columns });
  else if (column.unique) constraints.push({ name: serverName(table, column.name, 'key'), kind: 'unique', columns });
  if (check !== undefined) {
    const definition = normalizeCheck(check);
    constraints.push({ name: serverName(table, column.name, 'check'), kind: 'check', columns, definition });
  }
  if (column.references !== undefined) {
    const references = { table: column.references.table, columns: [column.references.column] };
    constraints.push({ name: foreignKey, kind: 'foreign', columns, references, deferred: true });
  }
  if (isIndexed(column)) constraints.push(indexOf(columnIndexName(table, column.name), columns));
  const opclass = likeClass(column);
  if (hasLikeIndex(column) && opclass !== undefined) {
    constraints.push(indexOf(likeIndexName(table, column.name), columns, opclass));
  }
  return constraints;
}

/** See `Dialect.describe`. */
export function describe({ name, columns, uniqueTogether = [], indexes = [] }: TableDefinition): IntrospectedTable {
  const declared = (index: TableIndex) => indexOf(index.name ?? declaredIndexName(name, index.columns), index.columns);
  return {
    name,
    kind: 'table',
    columns: columns.map((column) => ({
      name: column.name,
      // The catalogue shows one dimension, however many were declared.
      type: columnType(column).replace(/(?:\[\])+$/, '[]'),
      null: column.null ?? false,
      default: undefined,
      generated: isIdentity(column),
    })),
    constraints: [
      ...columns.flatMap((column) => constraintsOf(name, column)),
      ...uniqueTogether.map((unique) => ({
        name: uniqueConstraintName(name, unique),
        kind: 'unique' as const,
        columns: unique,
      })),
      ...indexes.map(declared),
    ],
  };
}
