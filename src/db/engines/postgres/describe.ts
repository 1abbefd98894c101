import type { IntrospectedConstraint, IntrospectedTable } from '../../introspection/introspection.js';
import { isGeneratedKey, isIndexed } from '../../schema/columns.js';
import { type CatalogueStyle, describeIndex, describeTable } from '../../schema/describe.js';
import type { ColumnDefinition, TableDefinition } from '../../schema/schema-editor.js';
import { columnCheck, columnType, likeClass } from './columns.js';
import { postgresDdl as ddl, hasLikeIndex, likeIndexName, serverName } from './ddl.js';
import { indexDefinition, normalizeCheck } from './introspect.js';

/** An index for LIKE has an operator class of its own. */
const indexStyle = (opclass: string | null): Pick<CatalogueStyle, 'indexDefinition'> => ({
  indexDefinition: (keys) =>
    indexDefinition(
      'btree',
      keys.map((key) => ({ ...key, opclass, text: key.name })),
      undefined,
    ),
});
const plain = indexStyle(null);

function columnIndexes({ name }: TableDefinition, column: ColumnDefinition): IntrospectedConstraint[] {
  const opclass = likeClass(column);
  return [
    ...(isIndexed(column) ? [describeIndex(ddl.columnIndexName(name, column.name), [column.name], plain)] : []),
    ...(hasLikeIndex(column) && opclass !== undefined
      ? [describeIndex(likeIndexName(name, column.name), [column.name], indexStyle(opclass))]
      : []),
  ];
}

const style: CatalogueStyle = {
  ddl,
  // The catalogue shows one dimension, however many were declared.
  columnType: (column) => columnType(column).replace(/(?:\[\])+$/, '[]'),
  isGenerated: isGeneratedKey,
  constraintName(kind, table, column) {
    if (kind === 'foreign') return ddl.foreignKeyName(table, column);
    // The server names the others by itself.
    if (kind === 'primary') return serverName(table, undefined, 'pkey');
    return serverName(table, column.name, kind === 'unique' ? 'key' : 'check');
  },
  check(column) {
    const check = columnCheck(column);
    return check && normalizeCheck(check);
  },
  deferred: true,
  columnIndexes,
  ...plain,
};

/** See `Dialect.describe`. */
export const describe = (table: TableDefinition): IntrospectedTable => describeTable(table, style);
