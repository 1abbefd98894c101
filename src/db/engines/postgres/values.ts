import type { Knex } from 'knex';
import { isInteger } from '../../../registry/field-types.js';
import type { Field } from '../../../registry/types.js';
import type { Value } from '../../dialect/dialect.js';
import { formatDuration, isDuration, parseDuration, splitDuration } from '../../values/durations.js';
import { isDate, momentText, parseTime, utc } from '../../values/moments.js';
import { assertUnicode, badText, badValue, uuidDigits } from '../../values/values.js';

/**
 * Expressions whose text does not depend on settings of the session (time zone, date style, interval style): behind a
 * pooler these are somebody else's. What is infinite or BC comes as a text that is refused.
 */
const EXPRESSIONS: Partial<Record<Field['type'], string>> = {
  DateTimeField:
    "CASE WHEN isfinite(??) THEN to_char(?? AT TIME ZONE 'UTC', 'AD YYYY-MM-DD HH24:MI:SS.US') ELSE ??::text END",
  DateField: "CASE WHEN isfinite(??) THEN to_char(??, 'AD YYYY-MM-DD') ELSE ??::text END",
  TimeField: '??::text',
  // Microseconds. As Django's driver reads it, a month has 30 days and a year 365.
  DurationField:
    '(((extract(year FROM ??) * 365 + extract(month FROM ??) * 30 + extract(day FROM ??)) * 86400 +' +
    ' extract(hour FROM ??) * 3600 + extract(minute FROM ??) * 60) * 1000000 + extract(microseconds FROM ??))::numeric(30)::text',
};

/** What reads a column of `field`, with its name as `??`. */
export function postgresExpression({ type }: Field): string {
  return EXPRESSIONS[type] ?? '??';
}

/** See `Dialect.read`. */
export function readPostgres(field: Field, raw: unknown): Value {
  if (raw === null || raw === undefined) return null;
  if (typeof raw === 'number' || typeof raw === 'boolean' || raw instanceof Uint8Array) return raw;
  const text = String(raw);
  const value = readText(field, text);
  if (value === undefined) throw badValue(field, text);
  return value;
}

function readText({ type }: Field, text: string): Value | undefined {
  switch (type) {
    case 'DateTimeField':
      return text.startsWith('AD ') ? momentText(text.slice(3), utc) : undefined;
    case 'DateField':
      return text.startsWith('AD ') && isDate(text.slice(3)) ? text.slice(3) : undefined;
    case 'TimeField':
      return parseTime(text);
    case 'DurationField':
      return isDuration(BigInt(text)) ? formatDuration(BigInt(text)) : undefined;
    default:
      return text;
  }
}

/**
 * See `Dialect.bind`. Everything but bytes and booleans is bound as text, of which the server makes what the column is.
 * What has no offset is a time of UTC.
 */
export function bindPostgres(field: Field, value: Value): Knex.Value {
  if (value === null) return null;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (typeof value === 'boolean') return value;
  const bound = bindText(field, Object.is(value, -0) ? '-0' : String(value));
  if (bound === undefined) throw badValue(field, value);
  return bound;
}

function bindText(field: Field, text: string): string | undefined {
  switch (field.type) {
    case 'DateTimeField': {
      const moment = momentText(text, utc);
      // What is in another year than 1 to 9999 there could not be read again.
      return moment?.endsWith('+00:00') ? moment : undefined;
    }
    case 'DateField':
      return isDate(text) ? text : undefined;
    case 'TimeField':
      return parseTime(text);
    case 'DurationField': {
      const microseconds = parseDuration(text);
      return microseconds === undefined ? undefined : interval(microseconds);
    }
    case 'UUIDField':
      return uuidDigits(text);
    default:
      if (isInteger(field.type)) return /^-?\d+$/.test(text) ? text : undefined;
      if (text.includes('\0')) throw badText(field, 'has the character NUL (U+0000), which PostgreSQL cannot store');
      assertUnicode(field, text);
      return text;
  }
}

/** Days and seconds as Django's driver writes them, with signs that no interval style takes for those of all parts. */
function interval(microseconds: bigint): string {
  const { days, rest } = splitDuration(microseconds);
  const seconds = `${Math.floor(rest / 1_000_000)}.${String(rest % 1_000_000).padStart(6, '0')}`;
  return `${days < 0n ? '' : '+'}${days} days +${seconds} seconds`;
}
