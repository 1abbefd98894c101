/** A moment as whole seconds since 1970, for which a `Date` is exact, and what is beyond them, for which it is not. */
export interface Moment {
  readonly seconds: number;
  /** 0 to 999999. */
  readonly microseconds: number;
}

/** How clocks go somewhere. All in seconds. */
export interface Zone {
  /** How far ahead of UTC its clocks are at that moment. */
  offsetAt(seconds: number): number;
  /** The same for what a clock shows there, given as if it were UTC. What clocks skip is reckoned as before. */
  ofLocal(local: number): LocalOffset;
}

export interface LocalOffset {
  readonly ahead: number;
  /** Whether no clock ever shows that, because clocks go forward there. */
  readonly skipped: boolean;
}

export const utc: Zone = { offsetAt: () => 0, ofLocal: () => ({ ahead: 0, skipped: false }) };

/**
 * The zone with this IANA name. What clocks show twice, going back, is the first of the two moments, as for Python's
 * `fold=0`, or the last one, as for PostgreSQL.
 */
export function createZone(name: string, { repeated = 'first' }: { readonly repeated?: 'first' | 'last' } = {}): Zone {
  if (name === 'UTC') return utc;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    era: 'short',
  });
  const offsetAt = (seconds: number) => {
    const parts = Object.fromEntries(format.formatToParts(seconds * 1000).map(({ type, value }) => [type, value]));
    const year = parts.era === 'BC' ? 1 - Number(parts.year) : Number(parts.year);
    const local = new Date(0);
    local.setUTCFullYear(year, Number(parts.month) - 1, Number(parts.day));
    local.setUTCHours(Number(parts.hour), Number(parts.minute), Number(parts.second));
    return local.getTime() / 1000 - seconds;
  };
  const ofLocal = (local: number): LocalOffset => {
    const before = offsetAt(local - 86_400);
    const after = offsetAt(local + 86_400);
    const ahead = (repeated === 'first' ? [before, after] : [after, before]).find(
      (each) => offsetAt(local - each) === each,
    );
    return { ahead: ahead ?? before, skipped: ahead === undefined };
  };
  return { offsetAt, ofLocal };
}

const MOMENT = /^(\d{4}(?:-\d{1,2}-\d{1,2}|\d{4}))(?:[Tt ]([\d:]+(?:[.,]\d+)?)\s*(Z|[+-]\d{2}(?::?\d{2}){0,2})?)?$/i;

/** What a text says: what clocks show, and how far ahead of UTC they are. */
interface Reading extends LocalOffset {
  /** As if it were UTC. */
  readonly local: number;
  readonly microseconds: number;
  /** Whether the text itself has an offset, other than that of UTC. */
  readonly own: boolean;
}

/**
 * Reads ISO text as Django does (Django 5.2 utils/dateparse.py, parse_datetime); what has no offset is a time of `zone`,
 * and a date alone its beginning. Undefined for what is no date and time of the years 1 to 9999.
 */
export function parseMoment(text: string, zone: Zone): Moment | undefined {
  const reading = readMoment(text, zone);
  return reading && momentOf(reading);
}

const momentOf = ({ local, ahead, microseconds }: Reading): Moment => ({ seconds: local - ahead, microseconds });

function readMoment(text: string, zone: Zone): Reading | undefined {
  const [, day = '', clock = '00', offset] = MOMENT.exec(text) ?? [];
  const date = parseDate(day);
  const time = parseTime(clock);
  const local = secondsOf(`${date}T${time?.slice(0, 8)}`);
  if (time === undefined || local === undefined) return undefined;
  const microseconds = Number(time.slice(9).padEnd(6, '0'));
  if (offset === undefined) return { local, microseconds, own: false, ...zone.ofLocal(local) };
  const ahead = parseOffset(offset);
  if (ahead === undefined) return undefined;
  return { local, microseconds, own: !/^(?:Z|\+[0:]+)$/i.test(offset), ahead, skipped: false };
}

/**
 * `2026-11-21T07:44:07.018158+00:00`: in UTC with six digits of fraction or none, as Python's `isoformat` writes it. A
 * moment that is in another year than 1 to 9999 there, as the last hours of 9999 are west of Greenwich, keeps an offset.
 */
export function formatMoment({ seconds, microseconds }: Moment): string {
  const text = isoText(seconds);
  if (text !== undefined) return `${text}${formatFraction(microseconds)}+00:00`;
  const sign = seconds < 0 ? '+' : '-';
  const shown = isoText(seconds < 0 ? seconds + FARTHEST : seconds - FARTHEST);
  return `${shown}${formatFraction(microseconds)}${sign}14:00`;
}

/** Clocks are nowhere more than 14 hours ahead of UTC. */
const FARTHEST = 14 * 3600;

/** `2026-11-21 07:44:07.018158`: what clocks show in `zone`, as Python's `str` writes it; undefined as for parsing. */
export function formatLocal({ seconds, microseconds }: Moment, zone: Zone): string | undefined {
  const text = isoText(seconds + zone.offsetAt(seconds));
  return text === undefined ? undefined : `${text.replace('T', ' ')}${formatFraction(microseconds)}`;
}

/**
 * Date, time and six digits of fraction or none, where the text is one as nearly all are: a time of UTC on a day that its
 * month has in every year. A pattern for them takes several times as long.
 */
function plainClock(text: string, zone: Zone): string | undefined {
  const mark = text.endsWith('Z') ? 1 : text.endsWith('+00:00') ? 6 : 0;
  const end = text.length - mark;
  if ((mark === 0 && zone !== utc) || (end !== 19 && end !== 23 && end !== 26)) return undefined;
  for (let at = 0; at < end; at++) {
    const found = text.charCodeAt(at);
    const wanted = PLAIN.charCodeAt(at);
    const isRight =
      wanted === ZERO ? found >= ZERO && found <= NINE : found === wanted || (at === 10 && found === SPACE);
    if (!isRight) return undefined;
  }
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (month < 1 || month > 12 || day < 1 || day > (month === 2 ? 28 : SHORT_MONTHS.has(month) ? 30 : 31))
    return undefined;
  if (twoDigits(text, 11) > 23 || twoDigits(text, 14) > 59 || twoDigits(text, 17) > 59) return undefined;
  if (text.startsWith('0000')) return undefined;
  const clock = text.slice(0, end).padEnd(end === 23 ? 26 : 0, '0');
  return clock.endsWith('.000000') ? clock.slice(0, 19) : clock;
}

const PLAIN = '0000-00-00T00:00:00.000000';
const [ZERO, NINE, SPACE] = [0x30, 0x39, 0x20];
const SHORT_MONTHS: ReadonlySet<number> = new Set([4, 6, 9, 11]);

const twoDigits = (text: string, at: number) => (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO;

/** Seconds, milliseconds and microseconds since 1970 are told apart by their size: what is less than this is seconds. */
export const SMALLEST_MS = 1e11;
export const SMALLEST_SECONDS = 1e8;
/** Milliseconds of the year 10000, which no moment has; as microseconds it is one of 1978. */
export const SMALLEST_MICROS = 253_402_300_800_000;
/** The seconds of the year 9999, which stands for "never", are these: as milliseconds they would be nine hours of 1978. */
export const LAST_YEAR = 253_370_764_800;
export const AFTER_LAST_YEAR = 253_402_300_800;

/**
 * A moment that was written as a number: seconds, milliseconds or microseconds since 1970, as many programs put them where a
 * database does not mind. Undefined for other texts, and for numbers that may be anything, such as a year.
 */
export function epochText(text: string): string | undefined {
  if (!/^\d{9,16}(?:\.\d+)?$/.test(text)) return undefined;
  const number = Number(text);
  if (number < SMALLEST_SECONDS) return undefined;
  const isSeconds = number < SMALLEST_MS || (number >= LAST_YEAR && number < AFTER_LAST_YEAR);
  const micros = Math.round(number * (isSeconds ? 1e6 : number < SMALLEST_MICROS ? 1e3 : 1));
  const seconds = Math.floor(micros / 1e6);
  return isoText(seconds) === undefined ? undefined : formatMoment({ seconds, microseconds: micros - seconds * 1e6 });
}

/**
 * What {@link formatMoment} makes of what {@link parseMoment} reads, at a fraction of the cost where it is plain. What
 * clocks of `zone` skip keeps its offset, never `+00:00`: in UTC it would be the time that they show instead.
 */
export function momentText(text: string, zone: Zone): string | undefined {
  const plain = plainClock(text, zone);
  if (plain !== undefined) return `${plain.replace(' ', 'T')}+00:00`;
  const reading = readMoment(text, zone);
  if (reading === undefined || !reading.skipped) return reading && formatMoment(momentOf(reading));
  return `${isoText(reading.local)}${formatFraction(reading.microseconds)}${formatOffset(reading.ahead)}`;
}

/** What clocks of `zone` show then, as {@link formatLocal} writes it; {@link momentText} of that is the same again. */
export function localText(text: string, zone: Zone): string | undefined {
  const plain = zone === utc ? plainClock(text, zone) : undefined;
  if (plain !== undefined) return plain.replace('T', ' ');
  const reading = readMoment(text, zone);
  if (reading === undefined) return undefined;
  const { local, ahead, microseconds, own, skipped } = reading;
  const kept = own ? zone.ofLocal(local) : undefined;
  if (skipped || (kept?.skipped && kept.ahead === ahead))
    return `${isoText(local)?.replace('T', ' ')}${formatFraction(microseconds)}`;
  return formatLocal(momentOf(reading), zone);
}

/** `+01:00`, with seconds where there are any, and `-00:00` for none. */
function formatOffset(ahead: number): string {
  const rest = Math.abs(ahead);
  const parts = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60];
  const digits = (rest % 60 === 0 ? parts.slice(0, 2) : parts).map((part) => String(part).padStart(2, '0'));
  return `${ahead > 0 ? '+' : '-'}${digits.join(':')}`;
}

/** `now` as text of the program. */
export function timestampOf(now: Date): string {
  // A text of another moment would be compared as any text is: rows that are in force would be over.
  if (!(now.getUTCFullYear() >= 1 && now.getUTCFullYear() <= 9999))
    throw new RangeError('The moment is none of the years 1 to 9999.');
  const seconds = Math.floor(now.getTime() / 1000);
  return formatMoment({ seconds, microseconds: (now.getTime() - seconds * 1000) * 1000 });
}

/** Whether it is a date of the years 1 to 9999: `2026-11-21`. */
export function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && secondsOf(`${text}T00:00:00`) !== undefined;
}

/** A date of the years 1 to 9999 as `YYYY-MM-DD`, or undefined (Django 5.2 utils/dateparse.py, parse_date). */
export function parseDate(text: string): string | undefined {
  const [, year, month = '', day = ''] =
    /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text) ?? [];
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return isDate(date) ? date : undefined;
}

const CLOCK = /^T?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d+))?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?$/;
const CLOCK_WITHOUT_COLONS = /^T?(\d{2})(?:(\d{2})(?:(\d{2})(?:[.,](\d+))?)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?$/;

/**
 * A time of day as `HH:MM:SS[.ffffff]`, or undefined; an offset is passed over (Django 5.2 utils/dateparse.py,
 * parse_time).
 */
export function parseTime(text: string): string | undefined {
  const match = CLOCK.exec(text) ?? CLOCK_WITHOUT_COLONS.exec(text);
  if (match === null) return undefined;
  const [, hours = '', minutes = '00', seconds = '00', fraction = ''] = match;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const clock = [hours, minutes, seconds].map((part) => part.padStart(2, '0')).join(':');
  return `${clock}${formatFraction(Number(fraction.slice(0, 6).padEnd(6, '0')))}`;
}

/** `.018158`, or nothing at 0 µs. */
export function formatFraction(microseconds: number): string {
  return microseconds === 0 ? '' : `.${String(microseconds).padStart(6, '0')}`;
}

/** `2026-11-21T07:44:07` as seconds; undefined for 31 February, 24:00 and the year 0, which `Date` would take. */
function secondsOf(text: string): number | undefined {
  const ms = Date.parse(`${text}Z`);
  return Number.isNaN(ms) || isoText(ms / 1000) !== text ? undefined : ms / 1000;
}

/** Without a fraction; undefined outside of the years 1 to 9999. */
function isoText(seconds: number): string | undefined {
  const text = new Date(seconds * 1000).toISOString();
  return text.length > 24 || text.startsWith('0000') ? undefined : text.slice(0, 19);
}

/** In seconds; undefined for 24 hours and more, which no Python `timezone` has. */
function parseOffset(text: string): number | undefined {
  if (/^z$/i.test(text)) return 0;
  const [hours = 0, minutes = 0, rest = 0] = (text.match(/\d\d/g) ?? []).map(Number);
  const seconds = hours * 3600 + minutes * 60 + rest;
  if (seconds >= 24 * 3600) return undefined;
  return text.startsWith('-') ? -seconds : seconds;
}
