import type { ElementDefinition, FieldType } from '../../../registry/types.js';
import type { Executor } from '../../connect/connection.js';

/** A type as `pg_type` has it (postgresql.org/docs/current/catalog-pg-type.html). */
interface TypeRow {
  readonly oid: string;
  readonly name: string;
  /** As it is spelt in DDL, without sizes. */
  readonly spelling: string;
  /** `d` for a domain. */
  readonly kind: string;
  /** What an array, and nothing else, is made of. */
  readonly item: string | null;
  /** What stands between the items of its arrays. */
  readonly delimiter: string;
  /** What a domain is made of, with its size and its dimensions. */
  readonly base: string | null;
  readonly modifier: number;
  readonly dimensions: number;
}

export type Types = ReadonlyMap<string, TypeRow>;

const typesSql = `
  WITH RECURSIVE used(oid) AS (
    SELECT oid FROM pg_catalog.pg_type WHERE oid::text IN (SELECT json_array_elements_text(?::json))
    UNION SELECT part.oid FROM used JOIN pg_catalog.pg_type t ON t.oid = used.oid
      CROSS JOIN LATERAL (VALUES (t.typbasetype), (t.typelem)) part(oid) WHERE part.oid <> 0
  )
  SELECT t.oid::text, t.typname AS name, pg_catalog.format_type(t.oid, NULL) AS spelling, t.typtype AS kind,
    CASE WHEN item.typarray = t.oid THEN item.oid::text END AS item, t.typdelim AS delimiter,
    CASE WHEN t.typbasetype <> 0 THEN t.typbasetype::text END AS base, t.typtypmod AS modifier, t.typndims AS dimensions
  FROM used JOIN pg_catalog.pg_type t ON t.oid = used.oid LEFT JOIN pg_catalog.pg_type item ON item.oid = t.typelem`;

/** Reads these types, and those that they are made of. */
export async function readTypes(executor: Executor, oids: readonly string[]): Promise<Types> {
  const { rows } = await executor.raw<{ rows: TypeRow[] }>(typesSql, [JSON.stringify([...new Set(oids)])]);
  return new Map(rows.map((row) => [row.oid, row]));
}

/** Django's fields of the server's own types (Django 5.2 db/backends/postgresql/introspection.py, data_types_reverse). */
const fields: Readonly<Record<string, FieldType>> = {
  16: 'BooleanField',
  17: 'BinaryField',
  20: 'BigIntegerField',
  21: 'SmallIntegerField',
  23: 'IntegerField',
  25: 'TextField',
  114: 'JSONField',
  700: 'FloatField',
  701: 'FloatField',
  869: 'GenericIPAddressField',
  1042: 'CharField',
  1043: 'CharField',
  1082: 'DateField',
  1083: 'TimeField',
  1114: 'DateTimeField',
  1184: 'DateTimeField',
  1186: 'DurationField',
  1700: 'DecimalField',
  2950: 'UUIDField',
  3802: 'JSONField',
  3904: 'IntegerRangeField',
  3906: 'DecimalRangeField',
  3910: 'DateTimeRangeField',
  3912: 'DateRangeField',
  3926: 'BigIntegerRangeField',
};

/** The same for extensions, whose types have no numbers of their own. */
const extensionFields: Readonly<Record<string, FieldType>> = { hstore: 'HStoreField', citext: 'CITextField' };

/** Types that Django has a field for, and that it would not make for that field. */
const kept: Readonly<Record<string, string>> = { 114: 'json', 1114: 'timestamp without time zone' };
const [blankPadded, varying, numeric] = ['1042', '1043', '1700'];

/** Sizes as `format_type` shows them. */
interface Shape {
  /** `atttypmod`: -1 for none. */
  readonly modifier: number;
  readonly dimensions: number;
}

/** The field for a type: a domain is what it is made of, and what Django has no field for is the server's own text. */
export function fieldOfType(types: Types, oid: string, shape: Shape): ElementDefinition {
  const type = types.get(oid);
  if (type === undefined) return { type: 'OtherField', dbType: 'unknown' };
  if (type.kind === 'd' && type.base !== null) {
    const { modifier, dimensions } = type;
    return fieldOfType(types, type.base, { modifier, dimensions });
  }
  const other: ElementDefinition = { type: 'OtherField', dbType: type.spelling };
  if (type.item !== null) {
    const item = fieldOfType(types, type.item, { modifier: shape.modifier, dimensions: 0 });
    // Arrays in an array by way of a domain are texts of its items, and no dimensions of it.
    if (item.type === 'ArrayField' || types.get(type.item)?.delimiter !== ',') return other;
    let array: ElementDefinition = { type: 'ArrayField', baseField: item };
    for (let depth = 1; depth < shape.dimensions; depth++) array = { type: 'ArrayField', baseField: array };
    return array;
  }
  const found = fields[oid] ?? (type.kind === 'b' ? extensionFields[type.name] : undefined);
  if (found === undefined) return other;
  return { type: found, ...sizeOf(oid, shape.modifier), ...(kept[oid] === undefined ? {} : { dbType: kept[oid] }) };
}

function sizeOf(oid: string, modifier: number): Partial<ElementDefinition> {
  if (oid === blankPadded) return modifier < 4 ? { dbType: 'character' } : padded(modifier - 4);
  if (modifier < 4) return {};
  const size = modifier - 4;
  if (oid === varying) return { maxLength: size };
  if (oid !== numeric) return {};
  // The scale has 11 bits with a sign, and Django has none below zero (numeric.c, numeric_typmod_scale).
  const decimalPlaces = ((size & 0x7ff) ^ 1024) - 1024;
  return decimalPlaces < 0 ? {} : { maxDigits: (size >> 16) & 0xffff, decimalPlaces };
}

const padded = (maxLength: number): Partial<ElementDefinition> => ({ maxLength, dbType: `character(${maxLength})` });
