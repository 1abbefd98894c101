import type { IntrospectedConstraint, IntrospectedTable } from '../../introspection/introspection.js';
import { isIndexed, isUnique, orderedColumn } from '../../schema/columns.js';
import { declaredIndexName } from '../../schema/names.js';
import type { TableDefinition, TableIndex } from '../../schema/schema-editor.js';
import { canBeIndexed, columnCheck, columnType, ddlFor, isGenerated } from './columns.js';
import { indexDefinition, normalizeCheck, typeOf } from './introspect.js';
import type { ServerVersion } from './version.js';

/** See `Dialect.describe`. */
export function describe(table: TableDefinition, version: ServerVersion): IntrospectedTable {
  const { name, columns, uniqueTogether = [], indexes = [] } = table;
  const ddl = ddlFor(version);
  const constraints: IntrospectedConstraint[] = [];
  const indexOf = (index: string, over: readonly string[]): IntrospectedConstraint => {
    const keys = over.map(orderedColumn);
    const definition = indexDefinition('BTREE', keys);
    return {
      name: index,
      kind: 'index',
      columns: keys.map((key) => key.name),
      ...(definition === undefined ? {} : { definition }),
    };
  };
  const declared = (index: TableIndex) => indexOf(index.name ?? declaredIndexName(name, index.columns), index.columns);
  // A reference needs an index, and makes one unless another begins with its column.
  const firsts = new Set([...uniqueTogether, ...indexes.map((index) => index.columns)].map((over) => over[0]));
  for (const column of columns) {
    const own = [column.name];
    const check = columnCheck(column, version);
    const foreignKey = ddl.foreignKeyName(name, column);
    if (column.primaryKey) constraints.push({ name: 'PRIMARY', kind: 'primary', columns: own });
    // The server names this one, and the check, after the column.
    else if (column.unique) constraints.push({ name: column.name, kind: 'unique', columns: own });
    if (check !== undefined && column.type !== 'JSONField') {
      constraints.push({ name: column.name, kind: 'check', columns: own, definition: normalizeCheck(check) });
    }
    if (column.references !== undefined) {
      const references = { table: column.references.table, columns: [column.references.column] };
      constraints.push({ name: foreignKey, kind: 'foreign', columns: own, references, deferred: false });
      if (foreignKey !== undefined && !isUnique(column) && !firsts.has(column.name))
        constraints.push(indexOf(foreignKey, own));
    } else if (isIndexed(column) && canBeIndexed(column)) {
      constraints.push(indexOf(ddl.columnIndexName(name, column.name), own));
    }
  }
  return {
    name,
    kind: 'table',
    columns: columns.map((column) => ({
      name: column.name,
      type: typeOf(columnType(column, version), false),
      null: column.null ?? false,
      default: undefined,
      generated: isGenerated(column),
    })),
    constraints: [
      ...constraints,
      ...uniqueTogether.map((unique) => ({
        name: ddl.uniqueName(name, unique),
        kind: 'unique' as const,
        columns: unique,
      })),
      ...indexes.map(declared),
    ],
  };
}
