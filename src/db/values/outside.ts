import type { FieldType } from '../../registry/types.js';

const DATE = /^(?:\d{5,7}-\d\d-\d\d|\d{4,7}-\d\d-\d\d BC)$/;
const MOMENT = /^(\d{4,6}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,6})?(?:Z|\+00(?::00)?)?( BC)?$/;
const INFINITE = /^-?infinity$/;

/**
 * The text of what some databases have and Python has not: infinite moments, dates and durations, moments and dates of
 * other years than 1 to 9999, the end of a day as 24:00. Undefined for what is none. Texts that it gives stay as they are.
 */
export function outsideText(type: FieldType, text: string): string | undefined {
  switch (type) {
    case 'DateField':
      return INFINITE.test(text) || DATE.test(text) ? text : undefined;
    case 'DateTimeField': {
      if (INFINITE.test(text)) return text;
      const [, day, time, fraction = '', era = ''] = MOMENT.exec(text) ?? [];
      if (day === undefined || (era === '' && day.length === 10)) return undefined;
      return `${day}T${time}${fraction === '' ? '' : fraction.padEnd(7, '0')}+00:00${era}`;
    }
    case 'TimeField':
      return text === '24:00:00' ? text : undefined;
    case 'DurationField':
      return INFINITE.test(text) ? text : undefined;
    default:
      return undefined;
  }
}
