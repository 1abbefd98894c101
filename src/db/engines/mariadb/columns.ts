import type { Value } from '../../dialect/dialect.js';
import { literalOf } from '../../dialect/sql-text.js';
import { fieldOf, foreignTypes, isGeneratedKey, isIndexed, positiveCheck, sizedType } from '../../schema/columns.js';
import { createDdl, type Ddl } from '../../schema/ddl.js';
import type { ColumnDefinition, ColumnType } from '../../schema/schema-editor.js';
import type { Zone } from '../../values/moments.js';
import { quote, quoteText } from './sql-text.js';
import { bindMariadb } from './values.js';
import type { ServerVersion } from './version.js';

/** Django 5.2 db/backends/mysql/base.py, `data_types`. */
const types: Readonly<Record<ColumnType, string>> = {
  AutoField: 'integer',
  BigAutoField: 'bigint',
  SmallAutoField: 'smallint',
  BooleanField: 'bool',
  CharField: 'varchar',
  EmailField: 'varchar',
  SlugField: 'varchar',
  URLField: 'varchar',
  TextField: 'longtext',
  SmallIntegerField: 'smallint',
  IntegerField: 'integer',
  BigIntegerField: 'bigint',
  PositiveSmallIntegerField: 'smallint UNSIGNED',
  PositiveIntegerField: 'integer UNSIGNED',
  PositiveBigIntegerField: 'bigint UNSIGNED',
  FloatField: 'double precision',
  DecimalField: 'numeric',
  DateField: 'date',
  TimeField: 'time(6)',
  DateTimeField: 'datetime(6)',
  DurationField: 'bigint',
  UUIDField: 'char(32)',
  JSONField: 'json',
  BinaryField: 'longblob',
  GenericIPAddressField: 'char(39)',
  CICharField: 'varchar',
  CIEmailField: 'varchar',
  CITextField: 'longtext',
  ...foreignTypes('longtext'),
};

export function columnType(column: ColumnDefinition, { hasUuid }: ServerVersion): string {
  const type = column.type === 'UUIDField' && hasUuid ? 'uuid' : types[column.type];
  return sizedType(type, column);
}

/** The condition that Django puts on every value of the type, without `CHECK`. */
export function columnCheck(column: ColumnDefinition, { isMariadb }: ServerVersion): string | undefined {
  if (column.type !== 'JSONField' || column.references !== undefined) return positiveCheck(column, quote);
  return isMariadb ? `JSON_VALID(${quote(column.name)})` : undefined;
}

/** The type of a column with what belongs to it in a `MODIFY`. */
export function typeAndNull(column: ColumnDefinition, version: ServerVersion): string {
  return [
    columnType(column, version),
    ...(isGeneratedKey(column) ? ['AUTO_INCREMENT'] : []),
    column.null ? 'NULL' : 'NOT NULL',
  ].join(' ');
}

/** A column as it stands in `CREATE TABLE`; references come later. */
export function columnSql(column: ColumnDefinition, version: ServerVersion): string {
  const check = columnCheck(column, version);
  return [
    quote(column.name),
    typeAndNull(column, version),
    ...(column.primaryKey ? ['PRIMARY KEY'] : column.unique ? ['UNIQUE'] : []),
    ...(check === undefined ? [] : [`CHECK (${check})`]),
  ].join(' ');
}

/** Characters of a name. */
export const maxNameLength = 64;

/** Whether a column can have an index: texts without a length cannot (Django's `_field_should_be_indexed`). */
export const canBeIndexed = ({ type }: ColumnDefinition): boolean => !/^(?:longtext|longblob|json)$/.test(types[type]);

export const ddlFor = (version: ServerVersion): Ddl =>
  createDdl({
    quoteName: quote,
    maxNameLength,
    columnSql: (column) => columnSql(column, version),
    uniqueAs: 'constraint',
    foreignKeySuffix: '',
    // A foreign key brings its own.
    hasIndex: (column) => isIndexed(column) && canBeIndexed(column) && column.references === undefined,
  });

const literals = { quoteText, true: '1', false: '0' };

/** A value as a literal in DDL, as it would be stored in the column. */
export const literalSql = (column: ColumnDefinition, value: Value, zone: Zone): string =>
  literalOf(bindMariadb(fieldOf(column), value, zone), literals);
