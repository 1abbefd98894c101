import type { Knex } from 'knex';
import type { Field } from '../../registry/types.js';
import type { Value } from '../dialect.js';
import {
  badValue,
  formatDuration,
  formatTimestamp,
  isDate,
  isUnicode,
  parseDuration,
  parseTime,
  parseTimestamp,
} from '../values.js';

/**
 * Expressions whose text depends neither on settings of the session (time zone, date style, interval style), which
 * behind a pooler belong to somebody else, nor on the driver. An infinite or BC moment comes as a text that is refused.
 */
const EXPRESSIONS: Partial<Record<Field['type'], string>> = {
  DateTimeField:
    "CASE WHEN isfinite(??) THEN to_char(?? AT TIME ZONE 'UTC', 'AD YYYY-MM-DD HH24:MI:SS.US') ELSE ??::text END",
  DateField: "CASE WHEN isfinite(??) THEN to_char(??, 'AD YYYY-MM-DD') ELSE ??::text END",
  TimeField: '??::text',
  // As Python reads it: a month has 30 days, a year 365.
  DurationField:
    '(((extract(year FROM ??) * 365 + extract(month FROM ??) * 30 + extract(day FROM ??)) * 86400 +' +
    ' extract(hour FROM ??) * 3600 + extract(minute FROM ??) * 60) * 1000000 + extract(microseconds FROM ??))::bigint::text',
  UUIDField: '??::text',
  JSONField: '??::text',
  DecimalField: '??::text',
  BigAutoField: '??::text',
  BigIntegerField: '??::text',
  PositiveBigIntegerField: '??::text',
};

/** See `Dialect.selectColumn`. */
export function selectPostgresColumn(executor: Knex, field: Field, column: string, table?: string): Knex.Raw {
  const name = table === undefined ? column : `${table}.${column}`;
  const expression = EXPRESSIONS[field.type] ?? '??';
  const names = expression.split('??').length - 1;
  return executor.raw(`${expression} AS ??`, [...Array<string>(names).fill(name), column]);
}

/** See `Dialect.read`. */
export function readPostgres(field: Field, raw: unknown): Value {
  if (raw === null || raw === undefined) return null;
  if (typeof raw === 'number' || typeof raw === 'boolean' || raw instanceof Uint8Array) return raw;
  const text = String(raw);
  switch (field.type) {
    case 'DateTimeField': {
      const moment = text.startsWith('AD ') ? parseTimestamp(text.slice(3)) : undefined;
      if (moment === undefined) throw badValue(field, text, 'it is no timestamp of the years 1 to 9999');
      return formatTimestamp(moment);
    }
    case 'DateField': {
      const date = text.slice(3);
      if (!text.startsWith('AD ') || !isDate(date)) throw badValue(field, text, 'it is no date of the years 1 to 9999');
      return date;
    }
    case 'TimeField':
      return parseTime(text) ?? text;
    case 'DurationField':
      return formatDuration(BigInt(text));
    default:
      return text;
  }
}

/** See `Dialect.bind`. Everything but bytes is bound as text, of which the server makes what the column is. */
export function bindPostgres(field: Field, value: Value): Knex.Value {
  if (value === null) return null;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  switch (field.type) {
    case 'DateTimeField': {
      const moment = parseTimestamp(value);
      if (moment === undefined) throw badValue(field, value, 'it is no timestamp of the years 1 to 9999');
      return formatTimestamp(moment);
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
      return interval(microseconds);
    }
    default:
      if (value.includes('\0')) throw badValue(field, undefined, 'PostgreSQL cannot store the character NUL (U+0000)');
      if (!isUnicode(value)) throw badValue(field, undefined, 'it has half of a surrogate pair, which no encoding has');
      return value;
  }
}

/** Days and seconds as Django's driver writes them, each with its sign, which one interval style would share out. */
function interval(microseconds: bigint): string {
  const negative = microseconds < 0n;
  const absolute = negative ? -microseconds : microseconds;
  const day = 86_400_000_000n;
  const seconds = (absolute % day) / 1_000_000n;
  const fraction = String(absolute % 1_000_000n).padStart(6, '0');
  const sign = negative ? '-' : '+';
  return `${sign}${absolute / day} days ${sign}${seconds}.${fraction} seconds`;
}
