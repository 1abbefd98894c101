import type { IntrospectedConstraint, IntrospectedTable } from '../../introspection/introspection.js';
import { isGeneratedKey, isIndexed, isUnique } from '../../schema/columns.js';
import type { Ddl } from '../../schema/ddl.js';
import { type CatalogueStyle, describeIndex, describeTable } from '../../schema/describe.js';
import type { ColumnDefinition, TableDefinition } from '../../schema/schema-editor.js';
import { canBeIndexed, columnCheck, columnType, ddlFor } from './columns.js';
import { indexDefinition, normalizeCheck, typeOf } from './introspect.js';
import type { ServerVersion } from './version.js';

const indexStyle: Pick<CatalogueStyle, 'indexDefinition'> = {
  indexDefinition: (keys) => indexDefinition('BTREE', keys),
};

/** A reference needs an index, and makes one unless another begins with its column. */
function columnIndexes(ddl: Ddl, table: TableDefinition, column: ColumnDefinition): IntrospectedConstraint[] {
  const { name, primaryKey = [], uniqueTogether = [], indexes = [] } = table;
  const own = [column.name];
  if (column.references === undefined) {
    const indexed = isIndexed(column) && canBeIndexed(column);
    return indexed ? [describeIndex(ddl.columnIndexName(name, column.name), own, indexStyle)] : [];
  }
  const foreignKey = ddl.foreignKeyName(name, column);
  const isFirst = [primaryKey, ...uniqueTogether, ...indexes.map((index) => index.columns)].some(
    ([first]) => first === column.name,
  );
  return foreignKey === undefined || isUnique(column) || isFirst ? [] : [describeIndex(foreignKey, own, indexStyle)];
}

/** See `Dialect.describe`. */
export function describe(table: TableDefinition, version: ServerVersion): IntrospectedTable {
  const ddl = ddlFor(version);
  return describeTable(table, {
    ddl,
    columnType: (column) => typeOf(columnType(column, version), false),
    isGenerated: isGeneratedKey,
    constraintName(kind, name, column) {
      if (kind === 'foreign') return ddl.foreignKeyName(name, column);
      // The server names the others after the column.
      return kind === 'primary' ? 'PRIMARY' : column.name;
    },
    check(column) {
      const check = column.type === 'JSONField' ? undefined : columnCheck(column, version);
      return check && normalizeCheck(check);
    },
    columnIndexes: (of, column) => columnIndexes(ddl, of, column),
    ...indexStyle,
  });
}
