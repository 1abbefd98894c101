import type { Value } from '../../dialect/dialect.js';
import { literalOf, quote, quoteText } from '../../dialect/sql-text.js';
import { fieldOf, foreignTypes, isGeneratedKey, positiveCheck, sizedType, storedType } from '../../schema/columns.js';
import type { ColumnDefinition, ColumnType } from '../../schema/schema-editor.js';
import type { Zone } from '../../values/moments.js';
import type { ClauseKind } from './table-sql.js';
import { storedValue } from './values.js';

/** Django 5.2 db/backends/sqlite3/base.py, `data_types`. */
const types: Readonly<Record<ColumnType, string>> = {
  AutoField: 'integer',
  BigAutoField: 'integer',
  SmallAutoField: 'integer',
  BooleanField: 'bool',
  CharField: 'varchar',
  EmailField: 'varchar',
  SlugField: 'varchar',
  URLField: 'varchar',
  TextField: 'text',
  SmallIntegerField: 'smallint',
  IntegerField: 'integer',
  BigIntegerField: 'bigint',
  PositiveSmallIntegerField: 'smallint unsigned',
  PositiveIntegerField: 'integer unsigned',
  PositiveBigIntegerField: 'bigint unsigned',
  FloatField: 'real',
  DecimalField: 'decimal',
  DateField: 'date',
  TimeField: 'time',
  DateTimeField: 'datetime',
  DurationField: 'bigint',
  UUIDField: 'char(32)',
  JSONField: 'text',
  BinaryField: 'BLOB',
  GenericIPAddressField: 'char(39)',
  CICharField: 'varchar',
  CIEmailField: 'varchar',
  CITextField: 'text',
  ...foreignTypes('text'),
};

export function columnType(column: ColumnDefinition): string {
  return sizedType(types[storedType(column)], column);
}

/** The condition that Django puts on every value of the type, without `CHECK`. */
export function columnCheck(column: ColumnDefinition): string | undefined {
  if (column.type !== 'JSONField' || column.references !== undefined) return positiveCheck(column, quote);
  const name = quote(column.name);
  return `(JSON_VALID(${name}) OR ${name} IS NULL)`;
}

/** The constraints of a column in Django's order, each under its kind. */
export function columnClauses(column: ColumnDefinition): ReadonlyMap<ClauseKind, string> {
  const clauses = new Map<ClauseKind, string>();
  clauses.set('null', column.null ? 'NULL' : 'NOT NULL');
  const check = columnCheck(column);
  if (column.primaryKey) {
    clauses.set('primary', isGeneratedKey(column) ? 'PRIMARY KEY AUTOINCREMENT' : 'PRIMARY KEY');
  } else if (column.unique) {
    clauses.set('unique', 'UNIQUE');
  }
  if (check !== undefined) clauses.set('check', `CHECK (${check})`);
  if (column.references !== undefined) {
    const { table, column: target, rules = ' DEFERRABLE INITIALLY DEFERRED' } = column.references;
    clauses.set('references', `REFERENCES ${quote(table)} (${quote(target)})${rules}`);
  }
  return clauses;
}

/** A column as it stands in `CREATE TABLE`. */
export function columnSql(column: ColumnDefinition): string {
  return [quote(column.name), columnType(column), ...columnClauses(column).values()].join(' ');
}

const literals = { quoteText, true: '1', false: '0' };

/** A value as a literal in DDL, as it would be stored in the column. */
export const literalSql = (column: ColumnDefinition, value: Value, zone: Zone): string =>
  literalOf(storedValue(fieldOf(column), value, zone), literals);
