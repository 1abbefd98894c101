import { CommandError } from '../../errors.js';

const units = { m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/** A moment as somebody writes it: `2026-11-26`, `2026-11-26T10:00`, or `7d` before now. */
export function parseSince(text: string, now: Date): Date {
  const [, count, unit] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const moment =
    count === undefined
      ? /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?(Z|[+-]\d\d:\d\d)?$/.test(text)
        ? new Date(`${text.replace(' ', 'T')}${text.length === 10 || /(Z|[+-]\d\d:\d\d)$/.test(text) ? '' : 'Z'}`)
        : new Date(Number.NaN)
      : new Date(now.getTime() - Number(count) * units[unit as keyof typeof units] * 1000);
  if (!Number.isNaN(moment.getTime())) return moment;
  throw new CommandError(`'${text}' is not a valid time.`, {
    code: 'bad_value',
    hint: 'Write 2026-11-26, 2026-11-26T10:00 (UTC), or how long ago: 30m, 12h, 7d, 2w.',
  });
}
