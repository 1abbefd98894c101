import { CommandError } from '../../errors.js';
import { durationSeconds } from '../../text.js';

/** A moment as somebody writes it: `2026-11-26`, `2026-11-26T10:00`, or `7d` before now. */
export function parseSince(text: string, now: Date): Date {
  const ago = durationSeconds(text.replace(/ ago$/, ''));
  const moment =
    ago === undefined
      ? /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?(Z|[+-]\d\d:\d\d)?$/.test(text)
        ? new Date(`${text.replace(' ', 'T')}${text.length === 10 || /(Z|[+-]\d\d:\d\d)$/.test(text) ? '' : 'Z'}`)
        : new Date(Number.NaN)
      : new Date(now.getTime() - ago * 1000);
  // No column has what is before the year 1.
  if (moment.getUTCFullYear() >= 1) return moment;
  throw new CommandError(`'${text}' is not a valid time.`, {
    code: 'bad_value',
    hint: 'Write 2026-11-26, 2026-11-26T10:00 (UTC), or how long ago: 30m, 12h, 7d, 2w.',
  });
}
