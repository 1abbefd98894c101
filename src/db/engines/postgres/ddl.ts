import { quote } from '../../dialect/sql-text.js';
import { isIndexed, isUnique } from '../../schema/columns.js';
import { createDdl } from '../../schema/ddl.js';
import { indexName } from '../../schema/names.js';
import type { ColumnDefinition } from '../../schema/schema-editor.js';
import { columnSql, likeClass } from './columns.js';

/** Bytes of a name; the server cuts longer ones off. */
export const maxNameLength = 63;

export const likeIndexName = (table: string, column: string): string =>
  indexName(table, [column], '_like', maxNameLength);
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

/** Whether a column has the second index for LIKE. */
export const hasLikeIndex = (column: ColumnDefinition): boolean =>
  (isIndexed(column) || isUnique(column)) && likeClass(column) !== undefined;

export function createLikeIndexSql(table: string, column: ColumnDefinition): string {
  const name = quote(likeIndexName(table, column.name));
  return `CREATE INDEX ${name} ON ${quote(table)} (${quote(column.name)} ${likeClass(column)})`;
}

export const postgresDdl = createDdl({
  quoteName: quote,
  maxNameLength,
  columnSql,
  schemas: true,
  uniqueAs: 'constraint',
  foreignKeySuffix: ' DEFERRABLE INITIALLY DEFERRED',
  moreIndexes: (table, column) => (hasLikeIndex(column) ? [createLikeIndexSql(table, column)] : []),
});
