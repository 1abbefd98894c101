import type { IntrospectedTable } from '../../introspection/introspection.js';
import { isGeneratedKey, isIndexed } from '../../schema/columns.js';
import { type CatalogueStyle, describeTable } from '../../schema/describe.js';
import type { TableDefinition } from '../../schema/schema-editor.js';
import { columnCheck, columnType } from './columns.js';
import { sqliteDdl } from './ddl.js';
import { normalizeSql } from './sql-text.js';

const style: CatalogueStyle = {
  ddl: sqliteDdl,
  columnType,
  isGenerated: (column) => (column.primaryKey ?? false) && isGeneratedKey(column),
  constraintName: () => undefined,
  check(column) {
    const check = columnCheck(column);
    return check && `( ${normalizeSql(check)} )`;
  },
  deferred: true,
  columnIndexes: ({ name }, column) =>
    isIndexed(column) ? [{ ...sqliteDdl.columnIndex(name, column), kind: 'index' }] : [],
  indexDefinition(keys) {
    if (!keys.some(({ descending }) => descending)) return undefined;
    return `( ${keys.map(({ name, descending }) => `${name.toLowerCase()}${descending ? ' desc' : ''}`).join(' , ')} )`;
  },
};

/** See `Dialect.describe`. */
export const describe = (table: TableDefinition): IntrospectedTable => describeTable(table, style);
