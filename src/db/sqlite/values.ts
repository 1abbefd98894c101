import type { Knex } from 'knex';
import type { Field } from '../../registry/types.js';
import type { Value } from '../dialect.js';
import {
  badValue,
  formatDuration,
  formatLocal,
  formatTimestamp,
  isDate,
  isUnicode,
  parseDuration,
  parseTime,
  parseTimestamp,
} from '../values.js';

/** Columns that hold integers of 64 bits, whatever their type's name, or decimals: drivers round them. */
const NUMERIC = new Set([
  'AutoField',
  'BigAutoField',
  'SmallAutoField',
  'SmallIntegerField',
  'IntegerField',
  'BigIntegerField',
  'PositiveSmallIntegerField',
  'PositiveIntegerField',
  'PositiveBigIntegerField',
  'DecimalField',
  'DurationField',
]);

const WIDE = new Set(['BigAutoField', 'BigIntegerField', 'PositiveBigIntegerField']);

/** See `Dialect.selectColumn`. */
export function selectSqliteColumn(executor: Knex, field: Field, column: string, table?: string): Knex.Raw {
  const name = table === undefined ? column : `${table}.${column}`;
  return NUMERIC.has(field.type)
    ? executor.raw('CAST(?? AS TEXT) AS ??', [name, column])
    : executor.raw('?? AS ??', [name, column]);
}

/** See `Dialect.read`: `timeZone` is that of the timestamps in the database. */
export function readSqlite(field: Field, raw: unknown, timeZone: string): Value {
  if (raw === null || raw === undefined) return null;
  switch (field.type) {
    case 'BooleanField':
      if (raw === 0 || raw === 1) return raw === 1;
      throw badValue(field, raw, 'it is neither 0 nor 1');
    case 'BigAutoField':
    case 'BigIntegerField':
    case 'PositiveBigIntegerField':
      return String(raw);
    case 'AutoField':
    case 'SmallAutoField':
    case 'SmallIntegerField':
    case 'IntegerField':
    case 'PositiveSmallIntegerField':
    case 'PositiveIntegerField':
      return Number.isSafeInteger(Number(raw)) ? Number(raw) : String(raw);
    case 'FloatField':
      return Number(raw);
    case 'DecimalField':
      return readDecimal(field, String(raw));
    case 'DateTimeField': {
      const moment = parseTimestamp(String(raw), timeZone);
      if (moment === undefined) throw badValue(field, raw, 'it is no timestamp of the years 1 to 9999');
      return formatTimestamp(moment);
    }
    case 'DateField': {
      const date = String(raw).slice(0, 10);
      if (!isDate(date)) throw badValue(field, raw, 'it is no date of the years 1 to 9999');
      return date;
    }
    case 'TimeField': {
      const time = parseTime(String(raw));
      if (time === undefined) throw badValue(field, raw, 'it is no time of day');
      return time;
    }
    case 'DurationField':
      if (!/^-?\d+$/.test(String(raw))) throw badValue(field, raw, 'it is no number of microseconds');
      return formatDuration(BigInt(String(raw)));
    case 'UUIDField':
      return readUuid(field, String(raw));
    case 'BinaryField':
      return raw instanceof Uint8Array ? raw : Buffer.from(String(raw));
    default:
      return raw instanceof Uint8Array ? Buffer.from(raw).toString() : String(raw);
  }
}

/**
 * SQLite keeps decimals as floats, of which 15 digits count (Django 5.2 db/backends/sqlite3/operations.py,
 * get_decimalfield_converter), or as integers.
 */
function readDecimal(field: Field, text: string): string {
  const plain = /^-?\d+$/.test(text) ? text : plainDecimal(Number(text).toPrecision(15));
  if (plain === undefined) throw badValue(field, text, 'it is no number');
  return field.decimalPlaces === undefined ? plain : quantize(plain, field.decimalPlaces);
}

/** `1.5e-7` as `0.00000015`. */
function plainDecimal(text: string): string | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', digits = '', exponent = '0'] = match;
  const point = whole.length + Number(exponent);
  const all = (whole + digits).padStart(whole.length + digits.length + Math.max(0, 1 - point), '0');
  const padded = all.padEnd(Math.max(point, 1), '0');
  const at = Math.max(point, 1);
  return `${sign}${padded.slice(0, at)}${padded.length > at ? `.${padded.slice(at)}` : ''}`;
}

/** Rounds to `places` digits, halves to even, as Python's `Decimal.quantize` does. */
function quantize(text: string, places: number): string {
  const negative = text.startsWith('-');
  const [whole = '0', digits = ''] = text.replace('-', '').split('.');
  const kept = BigInt(whole + digits.slice(0, places).padEnd(places, '0'));
  const rest = digits.slice(places);
  const half = `5${'0'.repeat(Math.max(0, rest.length - 1))}`;
  const up = rest !== '' && (rest > half || (rest === half && kept % 2n === 1n));
  const result = String(up ? kept + 1n : kept).padStart(places + 1, '0');
  const at = result.length - places;
  return `${negative ? '-' : ''}${result.slice(0, at)}${places > 0 ? `.${result.slice(at)}` : ''}`;
}

function readUuid(field: Field, text: string): string {
  const hex = text.replaceAll('-', '').toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(hex)) throw badValue(field, text, 'it is no UUID');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** See `Dialect.bind`. */
export function bindSqlite(field: Field, value: Value, timeZone: string): Knex.Value {
  if (value === null) return null;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (typeof value === 'boolean') return Number(value);
  if (field.type === 'FloatField') {
    // SQLite makes NULL of NaN.
    if (Number.isNaN(Number(value))) throw badValue(field, value, 'SQLite cannot store it');
    return Number(value);
  }
  // The sqlite3 package binds wider integers as floats; the column's affinity makes integers of the text.
  if (typeof value === 'number') return value === (value | 0) ? value : String(value);
  return bindText(field, value, timeZone);
}

function bindText(field: Field, value: string, timeZone: string): string {
  switch (field.type) {
    case 'DateTimeField': {
      const moment = parseTimestamp(value, timeZone);
      if (moment === undefined) throw badValue(field, value, 'it is no timestamp of the years 1 to 9999');
      return formatLocal(moment, timeZone);
    }
    case 'DateField':
      if (!isDate(value)) throw badValue(field, value, 'it is no date of the years 1 to 9999');
      return value;
    case 'TimeField': {
      const time = parseTime(value);
      if (time === undefined) throw badValue(field, value, 'it is no time of day');
      return time;
    }
    case 'DurationField': {
      const microseconds = parseDuration(value);
      if (microseconds === undefined) throw badValue(field, value, 'it is no duration');
      return String(microseconds);
    }
    case 'UUIDField':
      return readUuid(field, value).replaceAll('-', '');
    default:
      if (WIDE.has(field.type) && !/^[+-]?\d+$/.test(value)) throw badValue(field, value, 'it is no whole number');
      if (!isUnicode(value)) throw badValue(field, undefined, 'it has half of a surrogate pair, which no encoding has');
      return value;
  }
}
