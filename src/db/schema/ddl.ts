import type { SqlText } from '../dialect/sql.js';
import { isIndexed, keyClauses, orderedColumn } from './columns.js';
import { declaredIndexName, foreignKeyName, indexName, uniqueName } from './names.js';
import type { ColumnDefinition, TableDefinition, TableIndex } from './schema-editor.js';

/** What engines do differently about tables that are otherwise made alike. */
export interface DdlStyle extends Pick<SqlText, 'quoteName'> {
  readonly maxNameLength: number | undefined;
  /** A column as it stands in `CREATE TABLE`. */
  columnSql(column: ColumnDefinition): string;
  /** What a unique set of columns is made as. */
  readonly uniqueAs: 'constraint' | 'index';
  /** What follows a foreign key, which says when it is checked; undefined where the column itself has it. */
  readonly foreignKeySuffix: string | undefined;
  /** Whether a table may be made in a schema that it names. */
  readonly schemas?: boolean;
  /** Whether a column gets an index for itself; by default where Django asks for one. */
  hasIndex?(column: ColumnDefinition): boolean;
  /** Statements for more indexes of a column, for itself. */
  moreIndexes?(table: string, column: ColumnDefinition): string[];
}

/** Names and statements that are Django's on every engine, in the engine's style. */
export interface Ddl {
  columnIndexName(table: string, column: string): string;
  uniqueName(table: string, columns: readonly string[]): string;
  /** Undefined for a column that is no foreign key. */
  foreignKeyName(table: string, column: ColumnDefinition): string | undefined;
  /** The index that a column has for itself. */
  columnIndex(table: string, column: ColumnDefinition): Required<TableIndex>;
  /** What has to be there before the table. */
  beforeTable(table: TableDefinition): string[];
  createTable(table: TableDefinition): string;
  createIndex(table: string, index: TableIndex): string;
  addUnique(table: string, columns: readonly string[]): string;
  addForeignKey(table: string, column: ColumnDefinition): string[];
  columnIndexes(table: string, column: ColumnDefinition): string[];
  /** What Django makes after the table: unique constraints, foreign keys, indexes of columns, declared ones. */
  afterTable(table: TableDefinition): string[];
  dropConstraint(table: string, name: string): string;
}

export function createDdl(style: DdlStyle): Ddl {
  const { quoteName: quote, maxNameLength, hasIndex = isIndexed, moreIndexes = () => [] } = style;
  const ordered = (column: string) => {
    const { name, descending } = orderedColumn(column);
    return descending ? `${quote(name)} DESC` : quote(name);
  };
  const ddl: Ddl = {
    columnIndexName: (table, column) => indexName(table, [column], '', maxNameLength),
    uniqueName: (table, columns) => uniqueName(table, columns, maxNameLength),
    foreignKeyName: (table, { name, references }) =>
      references && foreignKeyName(table, name, references, maxNameLength),
    columnIndex: (table, { name }) => ({ name: ddl.columnIndexName(table, name), columns: [name] }),
    beforeTable: ({ schema }) =>
      style.schemas && schema !== undefined ? [`CREATE SCHEMA IF NOT EXISTS ${quote(schema)}`] : [],
    createTable(table) {
      const parts = [...table.columns.map((column) => style.columnSql(column)), ...keyClauses(table, quote)];
      const place = style.schemas && table.schema !== undefined ? `${quote(table.schema)}.` : '';
      return `CREATE TABLE ${place}${quote(table.name)} (${parts.join(', ')})`;
    },
    createIndex(table, { name, columns }) {
      const index = quote(name ?? declaredIndexName(table, columns));
      return `CREATE INDEX ${index} ON ${quote(table)} (${columns.map(ordered).join(', ')})`;
    },
    addUnique(table, columns) {
      const [name, list] = [quote(ddl.uniqueName(table, columns)), columns.map(quote).join(', ')];
      if (style.uniqueAs === 'index') return `CREATE UNIQUE INDEX ${name} ON ${quote(table)} (${list})`;
      return `ALTER TABLE ${quote(table)} ADD CONSTRAINT ${name} UNIQUE (${list})`;
    },
    addForeignKey(table, column) {
      const [name, { references }] = [ddl.foreignKeyName(table, column), column];
      if (name === undefined || references === undefined || style.foreignKeySuffix === undefined) return [];
      const rules = references.rules ?? style.foreignKeySuffix;
      const target = `${quote(references.table)} (${quote(references.column)})${rules}`;
      return [
        `ALTER TABLE ${quote(table)} ADD CONSTRAINT ${quote(name)} FOREIGN KEY (${quote(column.name)}) REFERENCES ${target}`,
      ];
    },
    columnIndexes: (table, column) => [
      ...(hasIndex(column) ? [ddl.createIndex(table, ddl.columnIndex(table, column))] : []),
      ...moreIndexes(table, column),
    ],
    afterTable: ({ name, columns, uniqueTogether = [], indexes = [] }) => [
      ...uniqueTogether.map((unique) => ddl.addUnique(name, unique)),
      ...columns.flatMap((column) => ddl.addForeignKey(name, column)),
      ...columns.flatMap((column) => ddl.columnIndexes(name, column)),
      ...indexes.map((declared) => ddl.createIndex(name, declared)),
    ],
    dropConstraint: (table, name) => `ALTER TABLE ${quote(table)} DROP CONSTRAINT ${quote(name)}`,
  };
  return ddl;
}
