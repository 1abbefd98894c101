import { defaultLengthOf, isGenerated, isPositive, referredType } from '../../registry/field-types.js';
import type { Field, FieldDefault } from '../../registry/types.js';
import type { Value } from '../dialect/dialect.js';
import { defaultOf } from '../write/rows.js';
import type { ColumnDefinition, ColumnType, TableDefinition } from './schema-editor.js';

/** The type that decides how the column is stored. */
export function storedType({ type, references }: ColumnDefinition): ColumnType {
  return references === undefined ? type : (referredType(type) as ColumnType);
}

export const isAuto = (type: ColumnType): boolean => isGenerated(type);

export function maxLengthOf({ type, maxLength }: ColumnDefinition): number | undefined {
  return maxLength ?? defaultLengthOf(type);
}

/** Whether the database makes the column's values, as it does not for a reference to such a column. */
export const isGeneratedKey = (column: ColumnDefinition): boolean =>
  isAuto(column.type) && column.references === undefined;

/** A type with the length or the digits that the column has, where it is one that has them. */
export function sizedType(type: string, column: ColumnDefinition): string {
  const length = maxLengthOf(column);
  if (type === 'varchar' && length !== undefined) return `varchar(${length})`;
  if (type === 'numeric' && column.maxDigits !== undefined) {
    return `numeric(${column.maxDigits}, ${column.decimalPlaces ?? 0})`;
  }
  return type;
}

/** Types of the fields of PostgreSQL alone, whose values other engines keep as the text that a fixture has. */
export const foreignTypes = (text: string) => ({
  ArrayField: text,
  HStoreField: text,
  IntegerRangeField: text,
  BigIntegerRangeField: text,
  DecimalRangeField: text,
  DateTimeRangeField: text,
  DateRangeField: text,
  OtherField: text,
});

/** The condition of the types whose values are no less than 0. */
export function positiveCheck(column: ColumnDefinition, quote: (name: string) => string): string | undefined {
  return isPositive(column.type) && column.references === undefined ? `${quote(column.name)} >= 0` : undefined;
}

export function isUnique({ unique, primaryKey }: ColumnDefinition): boolean {
  return (unique ?? false) || (primaryKey ?? false);
}

/** Whether the column has an index of its own (Django's `db_index`), which a unique one does not need. */
export function isIndexed(column: ColumnDefinition): boolean {
  const wanted = column.index ?? (column.references !== undefined || column.type === 'SlugField');
  return wanted && !isUnique(column);
}

/** @throws Error where the table has no such column: the migration is wrong. */
export function columnOf(table: TableDefinition, name: string): ColumnDefinition {
  const column = table.columns.find((each) => each.name === name);
  if (column === undefined) throw new Error(`The definition of the table "${table.name}" has no column "${name}".`);
  return column;
}

/** A table without one of its columns, nor what spans it. */
export function withoutColumn(table: TableDefinition, name: string): TableDefinition {
  const spans = (columns: readonly string[]) => columns.some((column) => column.replace(/^-/, '') === name);
  return {
    ...table,
    columns: table.columns.filter((column) => column.name !== name),
    uniqueTogether: (table.uniqueTogether ?? []).filter((columns) => !spans(columns)),
    indexes: (table.indexes ?? []).filter((index) => !spans(index.columns)),
  };
}

/** `-name` stands for descending order. */
export function orderedColumn(column: string): { readonly name: string; readonly descending: boolean } {
  return column.startsWith('-') ? { name: column.slice(1), descending: true } : { name: column, descending: false };
}

/** What a default is for a column, computed ones at `now`. */
export function fillValue(column: ColumnDefinition, fill: FieldDefault, now: Date): Value {
  return defaultOf({ ...fieldOf(column), default: fill }, now) ?? null;
}

/** The column as a field, for what turns values into those of the database. */
export function fieldOf(column: ColumnDefinition): Field {
  const { index, ...rest } = column;
  return {
    ...rest,
    column: column.name,
    null: column.null ?? false,
    blank: false,
    unique: isUnique(column),
    primaryKey: column.primaryKey ?? false,
    dbIndex: index ?? false,
    verboseName: column.name,
  };
}

/** What stands in `CREATE TABLE` behind the columns of a table whose key is made of several. */
export const keyClauses = ({ primaryKey }: Pick<TableDefinition, 'primaryKey'>, quote: (name: string) => string) =>
  primaryKey === undefined ? [] : [`PRIMARY KEY (${primaryKey.map(quote).join(', ')})`];
