import type { Knex } from 'knex';
import { isInteger, isText } from '../../../registry/field-types.js';
import type { Field } from '../../../registry/types.js';
import type { Value } from '../../dialect/dialect.js';
import { quantize } from '../../values/decimals.js';
import { epochText, isDate, localText, momentText, type Zone } from '../../values/moments.js';
import { isWhole, readStoredText, storedText } from '../../values/texts.js';
import { assertUnicode, badValue, readFlag } from '../../values/values.js';

/**
 * What reads a column of `field`, with its name as `??`. With `cutsAtNul` (see `LoadedDriver`) a text that has a NUL is
 * read as bytes.
 */
export function sqliteExpression({ type }: Field, cutsAtNul: boolean): string {
  // Any of them may hold 64 bits, which one of the drivers rounds.
  if (isInteger(type) || type === 'DecimalField' || type === 'DurationField') {
    return 'CAST(?? AS TEXT)';
  }
  return cutsAtNul && isText(type) ? 'CASE WHEN instr(??, char(0)) THEN CAST(?? AS BLOB) ELSE ?? END' : '??';
}

/**
 * See `Dialect.read`. Timestamps in the database are times of `zone`. A column of SQLite may hold anything: what its
 * field cannot mean is an error, and a text stands for itself.
 */
export function readSqlite(field: Field, raw: unknown, zone: Zone): Value {
  if (raw === null || raw === undefined) return null;
  const { type } = field;
  if (type === 'BinaryField') return raw instanceof Uint8Array ? raw : Buffer.from(String(raw));
  if (type === 'FloatField' && typeof raw === 'number') return raw;
  if (type === 'BooleanField' && (raw === 0 || raw === 1)) return raw === 1;
  const value =
    type === 'BooleanField'
      ? readFlag(raw)
      : readText(field, raw instanceof Uint8Array ? Buffer.from(raw).toString() : String(raw), zone);
  if (value === undefined) throw badValue(field, raw);
  return value;
}

function readText(field: Field, text: string, zone: Zone): Value | undefined {
  switch (field.type) {
    case 'FloatField':
      return undefined;
    case 'DecimalField':
      return readDecimal(text, field.decimalPlaces);
    case 'DateTimeField':
      // Django takes a date alone for its beginning; other programs store numbers.
      return momentText(text, zone) ?? epochText(text);
    case 'DateField':
      return isDate(text.slice(0, 10)) ? text.slice(0, 10) : dayOf(epochText(text), zone);
    default:
      return readStoredText(field, text);
  }
}

/** The date that clocks of `zone` show then. */
const dayOf = (moment: string | undefined, zone: Zone) =>
  moment === undefined ? undefined : localText(moment, zone)?.slice(0, 10);

/**
 * SQLite keeps decimals as floats, of which 15 digits count (Django 5.2 db/backends/sqlite3/operations.py,
 * get_decimalfield_converter), unless they are integers.
 */
function readDecimal(text: string, places: number | undefined): string | undefined {
  if (isWhole(text)) return quantize(text, places);
  const digits = Number(text).toPrecision(15);
  return quantize(places === undefined ? String(Number(digits)) : digits, places);
}

/** See `Dialect.bind`. */
export function bindSqlite(executor: Knex, field: Field, value: Value, zone: Zone): Knex.Value {
  // Node 22's own driver makes NULL of no bytes.
  return value instanceof Uint8Array && value.length === 0 ? executor.raw("x''") : storedValue(field, value, zone);
}

/** What SQLite stores for a {@link Value}. */
export function storedValue(field: Field, value: Value, zone: Zone): string | number | Buffer | null {
  if (value === null) return null;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (typeof value === 'boolean') return Number(value);
  if (field.type === 'FloatField') {
    const number = Number(value);
    // SQLite makes NULL of NaN.
    if (Number.isNaN(number)) throw badValue(field, value);
    return number;
  }
  // The sqlite3 package binds wider integers as floats; the column's affinity makes integers of their text.
  if (typeof value === 'number' && value === (value | 0)) return value;
  const bound = storedText(field, String(value), zone);
  if (bound === undefined) throw badValue(field, value);
  return bound;
}

/** The same for many values of one field. */
export function storer(field: Field, zone: Zone): (value: Value) => string | number | Buffer | null {
  if (!isText(field.type)) return (value) => storedValue(field, value, zone);
  return (value) => {
    if (typeof value !== 'string') return storedValue(field, value, zone);
    assertUnicode(field, value);
    return value;
  };
}
