import type { ElementDefinition, FieldType } from '../../registry/types.js';
import type { IntrospectedColumn, IntrospectedTable } from './introspection.js';

/**
 * Django's field for a column type, as both engines spell it in DDL (Django 5.2 db/backends/{sqlite3,postgresql}, their
 * `data_types`). What a type does not tell: SQLite has durations as `bigint` and decimals without their digits.
 */
const types: readonly (readonly [RegExp, FieldType])[] = [
  [/^bool(?:ean)?$/, 'BooleanField'],
  [/^char(?:acter)?\(32\)$|^uuid$/, 'UUIDField'],
  [/^char(?:acter)?\(39\)$|^inet$/, 'GenericIPAddressField'],
  [/^(?:varchar|character varying|char|character|bpchar|citext)\b/, 'CharField'],
  [/^(?:smallint unsigned)$/, 'PositiveSmallIntegerField'],
  [/^(?:integer unsigned)$/, 'PositiveIntegerField'],
  [/^(?:bigint unsigned)$/, 'PositiveBigIntegerField'],
  [/^(?:smallint|int2)$/, 'SmallIntegerField'],
  [/^(?:bigint|int8)$/, 'BigIntegerField'],
  [/^(?:int|integer|int4|mediumint|tinyint)\b/, 'IntegerField'],
  [/^(?:numeric|decimal)\b/, 'DecimalField'],
  [/^(?:real|float|double)/, 'FloatField'],
  [/^(?:datetime|timestamp)/, 'DateTimeField'],
  [/^date$/, 'DateField'],
  [/^time\b/, 'TimeField'],
  [/^jsonb?$/, 'JSONField'],
  [/^(?:bytea|(?:tiny|medium|long)?blob|(?:var)?binary\b.*)$/, 'BinaryField'],
];

const autoFields: Partial<Record<FieldType, FieldType>> = {
  IntegerField: 'AutoField',
  BigIntegerField: 'BigAutoField',
  SmallIntegerField: 'SmallAutoField',
  // Keys of MariaDB are often unsigned, and Django asks first whether the database makes them.
  PositiveIntegerField: 'AutoField',
  PositiveBigIntegerField: 'BigAutoField',
  PositiveSmallIntegerField: 'SmallAutoField',
};
const positiveFields: Partial<Record<FieldType, FieldType>> = {
  IntegerField: 'PositiveIntegerField',
  BigIntegerField: 'PositiveBigIntegerField',
  SmallIntegerField: 'PositiveSmallIntegerField',
};

/** What a table's constraints say about one of its columns. */
function checksOf({ constraints }: IntrospectedTable, column: string): string {
  return constraints
    .filter(({ kind, columns }) => kind === 'check' && (columns.length === 0 || columns.includes(column)))
    .map(({ definition = '' }) => definition.replaceAll('"', '').toLowerCase())
    .filter((definition) => definition.includes(column.toLowerCase()))
    .join('\n');
}

/** The type of a column, and its sizes; references are not looked at. */
export function typeOf(table: IntrospectedTable, column: IntrospectedColumn): ElementDefinition {
  const spelt = column.type.toLowerCase();
  const exact = column.field;
  const found = exact?.type ?? types.find(([pattern]) => pattern.test(spelt))?.[1] ?? 'TextField';
  const checks = checksOf(table, column.name);
  const [first, second] = (/\((\d+)(?:,\s*(\d+))?\)/.exec(spelt) ?? []).slice(1).map(Number);
  if (column.generated && autoFields[found] !== undefined) return { type: autoFields[found] };
  if (found === 'TextField' && checks.includes('json_valid')) return { type: 'JSONField' };
  if (new RegExp(`\\b${column.name.toLowerCase().replace(/\W/g, '.')} >= 0`).test(checks)) {
    return { ...exact, type: positiveFields[found] ?? found };
  }
  if (exact !== undefined) return exact;
  if (found === 'CharField') return { type: found, ...(first === undefined ? {} : { maxLength: first }) };
  if (found === 'DecimalField' && first !== undefined) {
    return { type: found, maxDigits: first, decimalPlaces: second ?? 0 };
  }
  return { type: found };
}
