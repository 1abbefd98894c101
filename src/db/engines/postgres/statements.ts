import { isIndexed, isUnique, orderedColumn } from '../../schema/columns.js';
import { declaredIndexName, foreignKeyName, indexName, uniqueName } from '../../schema/names.js';
import type { ColumnDefinition, TableDefinition, TableIndex } from '../../schema/schema-editor.js';
import { columnSql, likeClass, quote } from './columns.js';

/** Bytes of a name; the server cuts longer ones off. */
export const maxNameLength = 63;

const list = (columns: readonly string[]) => columns.map(quote).join(', ');

export const columnIndexName = (table: string, column: string): string => indexName(table, [column], '', maxNameLength);
export const likeIndexName = (table: string, column: string): string =>
  indexName(table, [column], '_like', maxNameLength);
export const uniqueConstraintName = (table: string, columns: readonly string[]): string =>
  uniqueName(table, columns, maxNameLength);
export const checkName = (table: string, column: string): string => indexName(table, [column], '_check', maxNameLength);

/** The longest beginning of `text` that has at most `max` bytes and ends with a whole character. */
function clip(text: string, max: number): string {
  let end = '';
  for (const letter of text) {
    if (Buffer.byteLength(end + letter) > max) break;
    end += letter;
  }
  return end;
}

/** The name that the server itself gives to a constraint: `<table>_<column>_key` (its makeObjectName). */
export function serverName(table: string, column: string | undefined, label: 'pkey' | 'key' | 'check'): string {
  let [first, second] = [Buffer.byteLength(table), Buffer.byteLength(column ?? '')];
  const available = maxNameLength - label.length - (column === undefined ? 1 : 2);
  while (first + second > available) {
    if (first > second) first--;
    else second--;
  }
  return [clip(table, first), ...(column === undefined ? [] : [clip(column, second)]), label].join('_');
}

export function foreignKeyOf(table: string, column: ColumnDefinition): string | undefined {
  return column.references && foreignKeyName(table, column.name, column.references, maxNameLength);
}

export function createTableSql({ name, columns }: TableDefinition): string {
  return `CREATE TABLE ${quote(name)} (${columns.map((column) => columnSql(column)).join(', ')})`;
}

export function addUniqueSql(table: string, columns: readonly string[]): string {
  const name = quote(uniqueConstraintName(table, columns));
  return `ALTER TABLE ${quote(table)} ADD CONSTRAINT ${name} UNIQUE (${list(columns)})`;
}

export function addForeignKeySql(table: string, column: ColumnDefinition): string[] {
  const name = foreignKeyOf(table, column);
  if (name === undefined || column.references === undefined) return [];
  const target = `${quote(column.references.table)} (${quote(column.references.column)})`;
  return [
    `ALTER TABLE ${quote(table)} ADD CONSTRAINT ${quote(name)} FOREIGN KEY (${quote(column.name)}) REFERENCES ${target} DEFERRABLE INITIALLY DEFERRED`,
  ];
}

export function createIndexSql(table: string, index: TableIndex): string {
  const columns = index.columns.map((column) => {
    const { name, descending } = orderedColumn(column);
    return descending ? `${quote(name)} DESC` : quote(name);
  });
  const name = index.name ?? declaredIndexName(table, index.columns);
  return `CREATE INDEX ${quote(name)} ON ${quote(table)} (${columns.join(', ')})`;
}

/** Whether a column has the second index for LIKE. */
export const hasLikeIndex = (column: ColumnDefinition): boolean =>
  (isIndexed(column) || isUnique(column)) && likeClass(column) !== undefined;

export function createLikeIndexSql(table: string, column: ColumnDefinition): string {
  const name = quote(likeIndexName(table, column.name));
  return `CREATE INDEX ${name} ON ${quote(table)} (${quote(column.name)} ${likeClass(column)})`;
}

/** The indexes that a column has for itself. */
export function columnIndexesSql(table: string, column: ColumnDefinition): string[] {
  const plain = { name: columnIndexName(table, column.name), columns: [column.name] };
  return [
    ...(isIndexed(column) ? [createIndexSql(table, plain)] : []),
    ...(hasLikeIndex(column) ? [createLikeIndexSql(table, column)] : []),
  ];
}

/** What Django makes after the table: unique constraints, foreign keys, indexes of columns, declared ones. */
export function afterTableSql(table: TableDefinition): string[] {
  return [
    ...(table.uniqueTogether ?? []).map((columns) => addUniqueSql(table.name, columns)),
    ...table.columns.flatMap((column) => addForeignKeySql(table.name, column)),
    ...table.columns.flatMap((column) => columnIndexesSql(table.name, column)),
    ...(table.indexes ?? []).map((index) => createIndexSql(table.name, index)),
  ];
}
