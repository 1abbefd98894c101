import { isIndexed, orderedColumn } from '../../schema/columns.js';
import { declaredIndexName, indexName, uniqueName } from '../../schema/names.js';
import type { ColumnDefinition, TableDefinition, TableIndex } from '../../schema/schema-editor.js';
import { columnSql } from './columns.js';
import { quote } from './sql-text.js';

const list = (columns: readonly string[]) => columns.map(quote).join(', ');

export function createTableSql({ name, columns }: TableDefinition): string {
  return `CREATE TABLE ${quote(name)} (${columns.map(columnSql).join(', ')})`;
}

export function createUniqueSql(table: string, columns: readonly string[]): string {
  const name = uniqueName(table, columns, undefined);
  return `CREATE UNIQUE INDEX ${quote(name)} ON ${quote(table)} (${list(columns)})`;
}

export function createIndexSql(table: string, index: TableIndex): string {
  const columns = index.columns.map((column) => {
    const { name, descending } = orderedColumn(column);
    return descending ? `${quote(name)} DESC` : quote(name);
  });
  const name = index.name ?? declaredIndexName(table, index.columns);
  return `CREATE INDEX ${quote(name)} ON ${quote(table)} (${columns.join(', ')})`;
}

/** The index that a column has for itself. */
export function columnIndex(table: string, { name }: ColumnDefinition): Required<TableIndex> {
  return { name: indexName(table, [name], '', undefined), columns: [name] };
}

/** What Django makes after the table: unique constraints, then the indexes of columns, then declared ones. */
export function tableIndexesSql(table: TableDefinition): string[] {
  return [
    ...(table.uniqueTogether ?? []).map((columns) => createUniqueSql(table.name, columns)),
    ...table.columns.filter(isIndexed).map((column) => createIndexSql(table.name, columnIndex(table.name, column))),
    ...(table.indexes ?? []).map((index) => createIndexSql(table.name, index)),
  ];
}
