import { quote } from '../../dialect/sql-text.js';
import { isIndexed } from '../../schema/columns.js';
import { createDdl } from '../../schema/ddl.js';
import { declaredIndexName } from '../../schema/names.js';
import type { TableDefinition, TableIndex } from '../../schema/schema-editor.js';
import { columnSql } from './columns.js';

/** Constraints are part of the table's own statement here, so that what comes later is an index. */
export const sqliteDdl = createDdl({
  quoteName: quote,
  maxNameLength: undefined,
  columnSql,
  uniqueAs: 'index',
  foreignKeySuffix: undefined,
});

/** The indexes that a definition asks for, with their names and statements. */
export function definedIndexes(table: TableDefinition): (Required<TableIndex> & { readonly sql: string })[] {
  const unique = (table.uniqueTogether ?? []).map((columns) => ({
    name: sqliteDdl.uniqueName(table.name, columns),
    columns,
    sql: sqliteDdl.addUnique(table.name, columns),
  }));
  const indexes = [
    ...table.columns.filter(isIndexed).map((column) => sqliteDdl.columnIndex(table.name, column)),
    ...(table.indexes ?? []),
  ].map((index) => ({
    name: index.name ?? declaredIndexName(table.name, index.columns),
    columns: index.columns.map((column) => column.replace(/^-/, '')),
    sql: sqliteDdl.createIndex(table.name, index),
  }));
  return [...unique, ...indexes];
}
