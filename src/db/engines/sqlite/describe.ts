import type { IntrospectedConstraint, IntrospectedTable } from '../../introspection/introspection.js';
import { isAuto, isIndexed, orderedColumn } from '../../schema/columns.js';
import { declaredIndexName, uniqueName } from '../../schema/names.js';
import type { TableDefinition, TableIndex } from '../../schema/schema-editor.js';
import { columnCheck, columnType } from './columns.js';
import { normalizeSql } from './sql-text.js';
import { columnIndex } from './statements.js';

function declaredIndex(table: string, { name, columns }: TableIndex): IntrospectedConstraint {
  const ordered = columns.map(orderedColumn);
  const definition = ordered.map((column) => `${column.name.toLowerCase()}${column.descending ? ' desc' : ''}`);
  return {
    name: name ?? declaredIndexName(table, columns),
    kind: 'index',
    columns: ordered.map((column) => column.name),
    ...(ordered.some(({ descending }) => descending) ? { definition: `( ${definition.join(' , ')} )` } : {}),
  };
}

/** See `Dialect.describe`. */
export function describe(table: TableDefinition): IntrospectedTable {
  const { name, columns, uniqueTogether = [], indexes = [] } = table;
  const constraints: IntrospectedConstraint[] = [];
  for (const column of columns) {
    const check = columnCheck(column);
    if (column.primaryKey) constraints.push({ name: undefined, kind: 'primary', columns: [column.name] });
    else if (column.unique) constraints.push({ name: undefined, kind: 'unique', columns: [column.name] });
    if (column.references !== undefined) {
      const { table: target, column: key } = column.references;
      constraints.push({
        name: undefined,
        kind: 'foreign',
        columns: [column.name],
        references: { table: target, columns: [key] },
        deferred: true,
      });
    }
    if (check !== undefined) {
      const definition = `( ${normalizeSql(check)} )`;
      constraints.push({ name: undefined, kind: 'check', columns: [column.name], definition });
    }
    if (isIndexed(column)) constraints.push({ ...columnIndex(name, column), kind: 'index' });
  }
  for (const unique of uniqueTogether) {
    constraints.push({ name: uniqueName(name, unique, undefined), kind: 'unique', columns: unique });
  }
  constraints.push(...indexes.map((index) => declaredIndex(name, index)));
  return {
    name,
    kind: 'table',
    columns: columns.map((column) => ({
      name: column.name,
      type: columnType(column),
      null: column.null ?? false,
      default: undefined,
      generated: (column.primaryKey ?? false) && isAuto(column.type) && column.references === undefined,
    })),
    constraints,
  };
}
