import type { JsonObject } from '../../crypto/signing/json-value.js';
import { createZone, formatMoment, type Moment, parseMoment } from '../../db/values/moments.js';
import { CommandError } from '../../errors.js';

/** Seconds that Django's sessions last by default: two weeks. */
export const defaultCookieAge = 1_209_600;

export interface ExpiryOptions {
  /** Seconds that a session lasts which does not say so itself (`SESSION_COOKIE_AGE`), by default two weeks. */
  readonly cookieAge?: number;
  /** Zone of moments without an offset, which Django writes with `USE_TZ = False`; by default UTC. */
  readonly timeZone?: string;
  /** By default the present. */
  readonly now?: Date;
}

/**
 * When a session with this data ends, as ISO text: what is stored as its `expire_date`. `_session_expiry` in the data is a
 * number of seconds from `now` on or a moment; without it, and with 0, the session lasts `cookieAge` seconds
 * (Django 5.2 contrib/sessions/backends/base.py, get_expiry_date).
 *
 * @throws CommandError of code `bad_session_expiry` for what is neither.
 */
export function sessionExpiry(data: JsonObject, options: ExpiryOptions = {}): string {
  return formatMoment(endOf(data, options));
}

/**
 * Seconds until a session with this data ends, rounded down: the `Max-Age` of its cookie (Django's get_expiry_age). Below 0
 * where it is over.
 *
 * @throws CommandError as {@link sessionExpiry}.
 */
export function sessionAge(data: JsonObject, options: ExpiryOptions = {}): number {
  const { now = new Date() } = options;
  const own = ownExpiry(data, options);
  if (typeof own !== 'object') return own ?? options.cookieAge ?? defaultCookieAge;
  const micros = own.microseconds - (now.getTime() - Math.floor(now.getTime() / 1000) * 1000) * 1000;
  return own.seconds - Math.floor(now.getTime() / 1000) + (micros < 0 ? -1 : 0);
}

/**
 * Whether the cookie of a session with this data ends with the browser; `byDefault` (`SESSION_EXPIRE_AT_BROWSER_CLOSE`) says
 * it of those that do not say so themselves (Django's get_expire_at_browser_close).
 */
export function endsWithBrowser(data: JsonObject, byDefault = false): boolean {
  const { _session_expiry: expiry } = data;
  return expiry === undefined || expiry === null ? byDefault : Number(expiry) === 0 && typeof expiry !== 'string';
}

function endOf(data: JsonObject, options: ExpiryOptions): Moment {
  const { now = new Date(), cookieAge = defaultCookieAge } = options;
  const own = ownExpiry(data, options) ?? cookieAge;
  if (typeof own === 'object') return own;
  const micros = Math.round(own * 1e6) + now.getTime() * 1000;
  const seconds = Math.floor(micros / 1e6);
  if (!(seconds >= firstSecond && seconds <= lastSecond)) throw badExpiry();
  return { seconds, microseconds: micros - seconds * 1e6 };
}

/** The years 1 to 9999. */
const [firstSecond, lastSecond] = [-62_135_596_800, 253_402_300_799];

/** What the data says itself: seconds or a moment; undefined for nothing, and for 0, with which the row lasts as others do. */
function ownExpiry(
  { _session_expiry: expiry }: JsonObject,
  { timeZone = 'UTC' }: ExpiryOptions,
): number | Moment | undefined {
  if (expiry === undefined || expiry === null || expiry === 0 || expiry === '' || expiry === false) return undefined;
  if (typeof expiry === 'number' || typeof expiry === 'bigint' || expiry === true) return Number(expiry);
  const moment = typeof expiry === 'string' ? parseMoment(expiry, createZone(timeZone)) : undefined;
  if (moment === undefined) throw badExpiry();
  return moment;
}

function badExpiry(): CommandError {
  return new CommandError('The session says in `_session_expiry` neither a moment nor a number of seconds.', {
    code: 'bad_session_expiry',
  });
}
