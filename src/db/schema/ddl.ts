import type { SqlText } from '../dialect/sql.js';
import { orderedColumn } from './columns.js';
import { declaredIndexName, foreignKeyName, indexName, uniqueName } from './names.js';
import type { ColumnDefinition, TableDefinition, TableIndex } from './schema-editor.js';

export interface DdlStyle extends Pick<SqlText, 'quoteName'> {
  readonly maxNameLength: number | undefined;
  /** A column as it stands in `CREATE TABLE`. */
  columnSql(column: ColumnDefinition): string;
}

/** Names and statements that are Django's on every engine, in the engine's style. */
export interface Ddl {
  columnIndexName(table: string, column: string): string;
  uniqueName(table: string, columns: readonly string[]): string;
  /** Undefined for a column that is no foreign key. */
  foreignKeyName(table: string, column: ColumnDefinition): string | undefined;
  createTable(table: TableDefinition): string;
  createIndex(table: string, index: TableIndex, kind?: 'INDEX' | 'UNIQUE INDEX'): string;
  addUnique(table: string, columns: readonly string[]): string;
  /** `suffix` says when it is checked. */
  addForeignKey(table: string, column: ColumnDefinition, suffix?: string): string[];
}

export function createDdl({ quoteName: quote, maxNameLength, columnSql }: DdlStyle): Ddl {
  const list = (columns: readonly string[]) => columns.map(quote).join(', ');
  const unique = (table: string, columns: readonly string[]) => uniqueName(table, columns, maxNameLength);
  const foreignKey = (table: string, { name, references }: ColumnDefinition) =>
    references && foreignKeyName(table, name, references, maxNameLength);
  const ordered = (column: string) => {
    const { name, descending } = orderedColumn(column);
    return descending ? `${quote(name)} DESC` : quote(name);
  };
  return {
    columnIndexName: (table, column) => indexName(table, [column], '', maxNameLength),
    uniqueName: unique,
    foreignKeyName: foreignKey,
    createTable: ({ name, columns }) => `CREATE TABLE ${quote(name)} (${columns.map(columnSql).join(', ')})`,
    createIndex(table, { name, columns }, kind = 'INDEX') {
      const index = quote(name ?? declaredIndexName(table, columns));
      return `CREATE ${kind} ${index} ON ${quote(table)} (${columns.map(ordered).join(', ')})`;
    },
    addUnique: (table, columns) =>
      `ALTER TABLE ${quote(table)} ADD CONSTRAINT ${quote(unique(table, columns))} UNIQUE (${list(columns)})`,
    addForeignKey(table, column, suffix = '') {
      const [name, { references }] = [foreignKey(table, column), column];
      if (name === undefined || references === undefined) return [];
      const target = `${quote(references.table)} (${quote(references.column)})${suffix}`;
      return [
        `ALTER TABLE ${quote(table)} ADD CONSTRAINT ${quote(name)} FOREIGN KEY (${quote(column.name)}) REFERENCES ${target}`,
      ];
    },
  };
}
