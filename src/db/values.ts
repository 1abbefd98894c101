import { CommandError } from '../errors.js';
import type { Field } from '../registry/types.js';

/**
 * The text of a moment as the program has it (see `Value`): ISO in UTC, with six digits of fraction or none. Whole
 * seconds go through `Date`, which is exact for them from year 1 to 9999; the fraction never does.
 */
function utcText(seconds: number, microseconds: number): string {
  return `${isoSeconds(seconds)}${fraction(microseconds)}+00:00`;
}

/** `now` as the program's text. */
export function timestampOf(now: Date): string {
  const ms = now.getTime();
  const seconds = Math.floor(ms / 1000);
  return utcText(seconds, (ms - seconds * 1000) * 1000);
}

/** A moment as seconds since 1970 and what is beyond them. */
export interface Moment {
  readonly seconds: number;
  readonly microseconds: number;
}

const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6})\d*)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/**
 * Reads ISO text as Django does (Django 5.2 utils/dateparse.py, parse_datetime). What has no offset is taken to be in
 * `timeZone`. Undefined for what is no timestamp of the years 1 to 9999.
 */
export function parseTimestamp(text: string, timeZone = 'UTC'): Moment | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, date = '', hours = '', minutes = '', seconds = '00', digits = '', zone] = match;
  const local = secondsOf(date, `${hours.padStart(2, '0')}:${minutes}:${seconds}`);
  if (local === undefined) return undefined;
  const utc = zone === undefined ? local - offsetOfLocal(local, timeZone) : local - parseOffset(zone);
  return isoSeconds(utc).length === 19 ? { seconds: utc, microseconds: Number(digits.padEnd(6, '0')) } : undefined;
}

export function formatTimestamp({ seconds, microseconds }: Moment): string {
  return utcText(seconds, microseconds);
}

/** `2026-11-21 07:44:07.018158` in `timeZone`: what Python's `str()` makes of a naive datetime. */
export function formatLocal({ seconds, microseconds }: Moment, timeZone = 'UTC'): string {
  return `${isoSeconds(seconds + offsetAt(seconds, timeZone)).replace('T', ' ')}${fraction(microseconds)}`;
}

/** `YYYY-MM-DDTHH:MM:SS`; longer than 19 characters, as ISO has it, outside of the years 0 to 9999. */
function isoSeconds(seconds: number): string {
  const text = new Date(seconds * 1000).toISOString();
  return text.startsWith('0000') ? `-${text}` : text.slice(0, text.indexOf('.'));
}

function secondsOf(date: string, time: string): number | undefined {
  const text = `${date}T${time}`;
  const ms = Date.parse(`${text}Z`);
  // `Date` takes 31 February and 24:00 for the day after.
  return Number.isNaN(ms) || isoSeconds(ms / 1000) !== text ? undefined : ms / 1000;
}

function fraction(microseconds: number): string {
  return microseconds === 0 ? '' : `.${String(microseconds).padStart(6, '0')}`;
}

/** Seconds east of UTC. */
function parseOffset(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2)) * 60;
  return zone.startsWith('-') ? -seconds : seconds;
}

/** Seconds east of UTC in `timeZone` at that moment. */
function offsetAt(seconds: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0;
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(seconds * 1000);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? '';
  const time = `${part('hour')}:${part('minute')}:${part('second')}`;
  const local = secondsOf(`${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`, time);
  return local === undefined ? 0 : local - seconds;
}

/**
 * Seconds east of UTC of a local time. Where clocks go back it is the first of the two moments, and where they go
 * forward the one by the offset before, as Python's `fold=0` has it.
 */
function offsetOfLocal(local: number, timeZone: string): number {
  const before = offsetAt(local - 86_400, timeZone);
  if (offsetAt(local - before, timeZone) === before) return before;
  const after = offsetAt(local + 86_400, timeZone);
  return offsetAt(local - after, timeZone) === after ? after : before;
}

/** Whether text is a date of the years 1 to 9999: `2026-11-21`. */
export function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !text.startsWith('0000') && secondsOf(text, '00:00:00') !== undefined;
}

/** A time of day as `HH:MM:SS[.ffffff]`, or undefined (Django 5.2 utils/dateparse.py, parse_time). */
export function parseTime(text: string): string | undefined {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6})\d*)?)?$/.exec(text);
  if (match === null) return undefined;
  const [, hours = '', minutes = '', seconds = '00', digits = ''] = match;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  return `${hours.padStart(2, '0')}:${minutes}:${seconds}${fraction(Number(digits.padEnd(6, '0')))}`;
}

const DAY = 86_400_000_000n;

/** Microseconds as Django's text of a duration: `1 02:03:04.000005`, `-1 23:59:59` (Django 5.2 utils/duration.py). */
export function formatDuration(microseconds: bigint): string {
  const days = microseconds >= 0n ? microseconds / DAY : -((DAY - 1n - microseconds) / DAY);
  const rest = Number(microseconds - days * DAY);
  const seconds = Math.floor(rest / 1_000_000);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  return `${days === 0n ? '' : `${days} `}${clock}${fraction(rest % 1_000_000)}`;
}

const CLOCK = /^(?:(-?\d+) (?:days?, )?)?(-?)(?:(?:(\d+):)?(\d+):)?(\d+)(?:[.,](\d{1,6})\d{0,6})?$/;
const ISO_DURATION = /^([+-]?)P(?:([\d.,]+)D)?(?:T(?:([\d.,]+)H)?(?:([\d.,]+)M)?(?:([\d.,]+)S)?)?$/;

/** Microseconds of Django's text or of ISO 8601 (Django 5.2 utils/dateparse.py, parse_duration), or undefined. */
export function parseDuration(text: string): bigint | undefined {
  const clock = CLOCK.exec(text);
  if (clock !== null) {
    const [, days = '0', sign = '', hours = '0', minutes = '0', seconds = '0', digits = ''] = clock;
    const time =
      (BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(seconds)) * 1_000_000n + BigInt(digits.padEnd(6, '0'));
    return BigInt(days) * DAY + (sign === '-' ? -time : time);
  }
  const iso = ISO_DURATION.exec(text);
  if (iso === null) return undefined;
  const units = [DAY, 3_600_000_000n, 60_000_000n, 1_000_000n];
  let total = 0n;
  for (const [index, unit] of units.entries()) {
    const match = /^(\d+)(?:[.,](\d+))?$/.exec(iso[index + 2] ?? '0');
    if (match === null) return undefined;
    const [, whole = '', digits = ''] = match;
    total += (BigInt(whole + digits) * unit) / 10n ** BigInt(digits.length);
  }
  return iso[1] === '-' ? -total : total;
}

/** What neither engine can store as text: half of a character that takes two UTF-16 units. */
export function isUnicode(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** An error for a value that a column cannot hold, or holds and should not. */
export function badValue(field: Field, value: unknown, reason: string): CommandError {
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value);
  return new CommandError(`${shown} is no value for the column '${field.column}' (${field.type}): ${reason}.`, {
    code: 'bad_value',
  });
}
