import { quantize } from './decimals.js';
import { formatFraction } from './moments.js';

const DAY = 86_400_000_000n;

/** Days, rounded down, and the microseconds beyond them: what Python's `timedelta` holds. */
export function splitDuration(microseconds: bigint): { readonly days: bigint; readonly rest: number } {
  const days = microseconds >= 0n ? microseconds / DAY : -((DAY - 1n - microseconds) / DAY);
  return { days, rest: Number(microseconds - days * DAY) };
}

/** Microseconds as Django's text of a duration: `1 02:03:04.000005`, `-1 23:59:59` (Django 5.2 utils/duration.py). */
export function formatDuration(microseconds: bigint): string {
  const { days, rest } = splitDuration(microseconds);
  const seconds = Math.floor(rest / 1_000_000);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  return `${days === 0n ? '' : `${days} `}${clock}${formatFraction(rest % 1_000_000)}`;
}

const CLOCK = /^(?:(-?\d+) (?:days?, )?)?(-?)(?:(?:(\d+):)?(\d+):)?(\d+)(?:[.,](\d{1,6})\d{0,6})?$/;
const INTERVAL = /^(?=.)(?:(-?\d+) days? ?)?(?:([-+]?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/;
const ISO_8601 = /^([+-]?)P(?:([\d.,]+)D)?(?:T(?:([\d.,]+)H)?(?:([\d.,]+)M)?(?:([\d.,]+)S)?)?$/;
const ISO_UNITS = [DAY, 3_600_000_000n, 60_000_000n, 1_000_000n];

const CALENDAR = /^P(?=.)(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?)(\d+)(?:\.(\d{1,6}))?S)?)?$/;

/**
 * A duration that Django has no form for, as ISO 8601 has it, without what is zero (`P1M2DT3H`): one with months, which
 * are of no fixed length, or longer than any of Python's. Undefined for all others.
 */
export function calendarDuration(text: string): string | undefined {
  const match = text.length > LONGEST ? null : CALENDAR.exec(text);
  if (match === null) return undefined;
  const [, months = '0', days = '0', hours = '0', minutes = '0', sign = '', seconds = '0', fraction = ''] = match;
  const part = (count: string, unit: string) => (/^-?0*$/.test(count) ? '' : `${count}${unit}`);
  const below = fraction.replace(/0+$/, '');
  const last = below === '' ? part(`${sign}${seconds}`, 'S') : `${sign}${seconds}.${below}S`;
  const time = `${part(hours, 'H')}${part(minutes, 'M')}${last}`;
  const calendar = part(months, 'M');
  if (calendar === '') {
    const clock = (BigInt(days) * 24n + BigInt(hours)) * 60n + BigInt(minutes);
    const rest = BigInt(`${sign}${seconds}${fraction.padEnd(6, '0')}`);
    if (isDuration(clock * 60_000_000n + rest)) return undefined;
  }
  return `P${calendar}${part(days, 'D')}${time === '' ? '' : `T${time}`}`;
}

/** Whether Python's `timedelta` has it: 999,999,999 days in either direction. */
export const isDuration = (microseconds: bigint): boolean =>
  microseconds >= -999_999_999n * DAY && microseconds < 1_000_000_000n * DAY;

/** Longer than any text of a duration; numbers of many digits take long to read. */
const LONGEST = 100;

/**
 * Microseconds of Django's text, of an interval of PostgreSQL or of ISO 8601 (Django 5.2 utils/dateparse.py,
 * parse_duration); undefined for what is no duration that Python has.
 */
export function parseDuration(text: string): bigint | undefined {
  const microseconds = text.length > LONGEST ? undefined : readDuration(text);
  return microseconds !== undefined && isDuration(microseconds) ? microseconds : undefined;
}

function readDuration(text: string): bigint | undefined {
  const clock = CLOCK.exec(text) ?? INTERVAL.exec(text);
  if (clock !== null) {
    const [, days = '0', sign, hours = '0', minutes = '0', seconds = '0', fraction = ''] = clock;
    const whole = BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(seconds);
    const time = whole * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
    return BigInt(days) * DAY + (sign === '-' ? -time : time);
  }
  const iso = ISO_8601.exec(text);
  if (iso === null) return undefined;
  let total = 0n;
  for (const [index, unit] of ISO_UNITS.entries()) {
    const number = /^(\d+)(?:[.,](\d+))?$/.exec(iso[index + 2] ?? '0');
    if (number === null) return undefined;
    const [, whole = '', fraction = ''] = number;
    total += BigInt(quantize(`${BigInt(whole + fraction) * unit}e-${fraction.length}`, 0) ?? 0);
  }
  return iso[1] === '-' ? -total : total;
}
