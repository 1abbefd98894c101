import type { Knex } from 'knex';
import {
  endsOf,
  type Family,
  familyOf,
  type IntegerRange,
  integerRange,
  isServerText,
} from '../../../registry/field-types.js';
import type { Field } from '../../../registry/types.js';
import type { Value } from '../../dialect/dialect.js';
import type { MomentOperator, OddMoments } from '../../dialect/values.js';
import { calendarDuration, parseDuration, splitDuration } from '../../values/durations.js';
import { isDate, momentText, parseTime, utc } from '../../values/moments.js';
import { outsideText } from '../../values/outside.js';
import { durationOf, isWhole, plainText } from '../../values/texts.js';
import { badText, badValue, integerValue, readFlag } from '../../values/values.js';
import { bindContainer, readContainer } from './containers.js';

/**
 * Expressions whose text does not depend on settings of the session (time zone, date style, interval style): behind a
 * pooler these are somebody else's. What is infinite, BC or beyond the year 9999 comes as in JSON, without `AD`.
 */
const EXPRESSIONS: Partial<Record<Family, string>> = {
  moment:
    "CASE WHEN ?? >= '0001-01-01Z' AND ?? < '10000-01-01Z' THEN to_char(?? AT TIME ZONE 'UTC', 'AD YYYY-MM-DD HH24:MI:SS.US')" +
    " ELSE to_json(?? AT TIME ZONE 'UTC') #>> '{}' END",
  date: "CASE WHEN ?? >= '0001-01-01' AND ?? < '10000-01-01' THEN to_char(??, 'AD YYYY-MM-DD') ELSE to_json(??) #>> '{}' END",
  time: '??::text',
  // Microseconds, unless it has months, which are of no fixed length, or is longer than any of Python's.
  duration:
    "CASE WHEN NOT isfinite(??) THEN ??::text WHEN date_trunc('month', ??) = '0'::interval" +
    " AND ?? >= '-999999999 days'::interval AND ?? < '1000000000 days'::interval THEN" +
    ' ((extract(day FROM ??) * 86400 + extract(hour FROM ??) * 3600 + extract(minute FROM ??) * 60) * 1000000' +
    ' + extract(microseconds FROM ??))::numeric(30)::text' +
    " WHEN ?? IS NOT NULL THEN format('P%sM%sDT%sH%sM%sS', extract(year FROM ??) * 12 + extract(month FROM ??), extract(day FROM ??)," +
    ' extract(hour FROM ??), extract(minute FROM ??), (extract(microseconds FROM ??) / 1000000)::numeric(8, 6)) END',
};

/** The server's own text, NULL for NULL: a composite value of NULLs alone is not NULL, although `IS NULL` says so. */
const SERVER_TEXT = "CASE WHEN num_nulls(??) = 0 THEN format('%s', ??) END";

/** Whether a column keeps no time zone: what it holds is what a clock showed, and is taken for UTC. */
export const isWithoutZone = ({ dbType }: Pick<Field, 'dbType'>): boolean =>
  dbType !== undefined && /^timestamp\b/.test(dbType) && !dbType.includes('with time zone');

/** What reads a column of `field`, with its name as `??`. */
export function postgresExpression(field: Field): string {
  if (isServerText(field.type)) return SERVER_TEXT;
  const expression = EXPRESSIONS[familyOf(field.type)] ?? '??';
  return isWithoutZone(field) ? expression.replaceAll(" AT TIME ZONE 'UTC'", '') : expression;
}

/** See `Dialect.read`. */
export function readPostgres(field: Field, raw: unknown): Value {
  if (raw === null || raw === undefined) return null;
  // Databases that came from elsewhere have other types there.
  if (field.type === 'BooleanField' && typeof raw !== 'boolean') {
    const flag = readFlag(raw);
    if (flag === undefined) throw badValue(field, raw);
    return flag;
  }
  if (typeof raw === 'number' || typeof raw === 'boolean' || raw instanceof Uint8Array) return raw;
  const text = String(raw);
  const value = readText(field, text);
  if (value === undefined) throw badValue(field, text);
  return value;
}

function readText(field: Field, text: string): Value | undefined {
  if (isServerText(field.type)) return readContainer(field, text, readItem);
  switch (familyOf(field.type)) {
    case 'moment':
      return text.startsWith('AD ') ? momentText(text.slice(3), utc) : undefined;
    case 'date':
      return text.startsWith('AD ') && isDate(text.slice(3)) ? text.slice(3) : undefined;
    case 'time':
      return parseTime(text);
    case 'duration':
      return text.startsWith('P') ? calendarDuration(text) : durationOf(text);
    case 'integer':
      return isWhole(text) ? integerValue(field, BigInt(text)) : undefined;
    default:
      return text;
  }
}

/** See `ValueDialect.readOutside`. */
export const readOutside = (field: Field, raw: unknown): string | undefined =>
  typeof raw === 'string' ? outsideText(field.type, raw) : undefined;

/** An item of an array or an end of a range, in the form that transactions ask for (see transactions.ts). */
function readItem(item: Field, text: string): Value | undefined {
  if (isServerText(item.type)) return readContainer(item, text, readItem);
  switch (familyOf(item.type)) {
    case 'moment':
      return momentText(text, utc);
    case 'date':
      return isDate(text) ? text : undefined;
    case 'time':
      return parseTime(text);
    case 'duration':
      return readInterval(text);
    case 'boolean':
      return text === 't' ? true : text === 'f' ? false : undefined;
    case 'float':
      return Number(text);
    case 'bytes':
      return Buffer.from(text.replace(/^\\x/, ''), 'hex');
    // In a list of JSON it would be NULL.
    case 'json':
      return text === 'null' ? undefined : text;
    default:
      return text;
  }
}

const ISO_INTERVAL =
  /^P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?)(\d+)(?:\.(\d{1,6}))?S)?)?$/;

/** An interval in the style `iso_8601`. */
function readInterval(text: string): string | undefined {
  const match = ISO_INTERVAL.exec(text);
  if (match === null) return undefined;
  const [, years = '0', months = '0', days = '0', hours = '0', minutes = '0', sign = '', seconds = '0', fraction = ''] =
    match;
  const calendar = BigInt(years) * 12n + BigInt(months);
  const parts = `${days}DT${hours}H${minutes}M${sign}${seconds}.${fraction.padEnd(6, '0')}S`;
  const beyond = calendarDuration(`P${calendar}M${parts}`);
  if (beyond !== undefined) return beyond;
  const below = BigInt(`${seconds}${fraction.padEnd(6, '0')}`);
  const minutesOfAll = (BigInt(days) * 24n + BigInt(hours)) * 60n + BigInt(minutes);
  return durationOf(String(minutesOfAll * 60_000_000n + (sign === '-' ? -below : below)));
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

/**
 * A number that is beyond its field's type, as one of 64 bits: a column may be wider than its model says, and the server takes no
 * such number for one of a column that is not, where it is only asked whether there is any.
 */
export function asWide(executor: Knex, { type }: Field, bound: Knex.Value): Knex.Value | Knex.Raw {
  const range = integerRange(type, true);
  if (range === undefined || !/^-?[0-9]{10,19}$/.test(String(bound))) return bound;
  const number = BigInt(String(bound));
  const isWithin = ([least, most]: IntegerRange) => number >= least && number <= most;
  return isWithin(range) || !isWithin(widest) ? bound : executor.raw('CAST(? AS bigint)', [bound]);
}

const widest: IntegerRange = [-(2n ** 63n), 2n ** 63n - 1n];

function bindText(field: Field, text: string): string | undefined {
  switch (field.type) {
    case 'DateTimeField': {
      const moment = momentText(text, utc);
      // The last hours of 9999 somewhere else are of another year, and nobody meant that.
      return moment?.endsWith('+00:00') ? moment : outsideText(field.type, text);
    }
    case 'DateField':
    case 'TimeField':
      return plainText(field, text) ?? outsideText(field.type, text);
    case 'DurationField': {
      const calendar = calendarDuration(text);
      if (calendar !== undefined) return calendar;
      const microseconds = parseDuration(text);
      return microseconds === undefined ? outsideText(field.type, text) : interval(microseconds);
    }
    case 'ArrayField':
    case 'HStoreField':
      return bindContainer(field, text, bindItem);
    default:
      if (endsOf(field.type) !== undefined) return bindContainer(field, text, bindItem);
      return withoutNul(field, plainText(field, text));
  }
}

function withoutNul(field: Field, text: string | undefined): string | undefined {
  if (text?.includes('\0')) throw badText(field, 'has the character NUL (U+0000), which PostgreSQL cannot store');
  return text;
}

function bindItem(item: Field, value: Value): string | null {
  const bound = bindPostgres(item, value);
  if (bound === null || bound === undefined) return null;
  if (typeof bound === 'boolean') return bound ? 't' : 'f';
  return bound instanceof Uint8Array ? `\\x${Buffer.from(bound).toString('hex')}` : String(bound);
}

/** Days and seconds as Django's driver writes them, with signs that no interval style takes for those of all parts. */
function interval(microseconds: bigint): string {
  const { days, rest } = splitDuration(microseconds);
  const seconds = `${Math.floor(rest / 1_000_000)}.${String(rest % 1_000_000).padStart(6, '0')}`;
  return `${days < 0n ? '' : '+'}${days} days +${seconds} seconds`;
}

const FIRST = '0001-01-01T00:00:00Z';
const LAST = '9999-12-31T23:59:59.999999Z';

/** See `Dialect.compareMoments`. */
export function comparePostgresMoments(executor: Knex, column: string, operator: MomentOperator, moment: Knex.Value) {
  if (operator !== '>') return executor.raw(`(?? ${operator} ? AND ?? >= ?)`, [column, moment, column, FIRST]);
  return executor.raw('CASE WHEN ?? >= ? AND ?? <= ? THEN ?? > ? END', [column, FIRST, column, LAST, column, moment]);
}

/** See `Dialect.oddMoments`. */
export function oddPostgresMoments(executor: Knex, column: string, type = 'timestamp'): OddMoments | undefined {
  if (!type.startsWith('timestamp')) return undefined;
  const unreadable = executor.raw('(?? < ? OR ?? > ?)', [column, FIRST, column, LAST]);
  return { otherForm: unreadable, unreadable };
}
