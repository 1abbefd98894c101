import { isIP } from 'node:net';
import type { Value } from '../../db/dialect/dialect.js';
import { formatDuration, parseDuration } from '../../db/values/durations.js';
import { createZone, momentText, parseDate, parseTime } from '../../db/values/moments.js';
import { dashedUuid, isUnicode, uuidDigits } from '../../db/values/values.js';
import { type IntegerRange, integerRange, isText } from '../../registry/field-types.js';
import type { Field } from '../../registry/types.js';
import { characterCount } from '../python-text.js';
import { isDomain, isEmail } from './email.js';

/** What a text was turned into, or Django's sentences about why it cannot be. */
export type Cleaned =
  | { readonly value: Value; readonly problems?: undefined }
  | { readonly value?: undefined; readonly problems: readonly string[] };

export const blankProblem = 'This field cannot be blank.';

const ok = (value: Value): Cleaned => ({ value });
const problem = (...problems: string[]): Cleaned => ({ problems });

function cleanInteger(text: string, [least, most]: IntegerRange): Cleaned {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) return problem(`“${text}” value must be an integer.`);
  const value = BigInt(text.trim().replace(/^\+/, ''));
  if (value < least) return problem(`Ensure this value is greater than or equal to ${least}.`);
  if (value > most) return problem(`Ensure this value is less than or equal to ${most}.`);
  return ok(most > 2n ** 31n ? String(value) : Number(value));
}

function cleanDecimal(text: string, { maxDigits, decimalPlaces = 0 }: Field): Cleaned {
  const [, sign = '', whole = '', fraction = ''] = /^\s*([+-]?)(\d*)\.?(\d*)\s*$/.exec(text) ?? [];
  if (whole + fraction === '') return problem(`“${text}” value must be a decimal number.`);
  if (fraction.length > decimalPlaces) {
    return problem(`Ensure that there are no more than ${decimalPlaces} decimal places.`);
  }
  const digits = whole.replace(/^0+/, '').length;
  if (maxDigits !== undefined && digits + fraction.length > maxDigits) {
    return problem(`Ensure that there are no more than ${maxDigits} digits in total.`);
  }
  if (maxDigits !== undefined && digits + decimalPlaces > maxDigits) {
    return problem(`Ensure that there are no more than ${maxDigits - decimalPlaces} digits before the decimal point.`);
  }
  return ok(`${sign === '-' ? '-' : ''}${whole || '0'}${fraction === '' ? '' : `.${fraction}`}`);
}

function cleanBoolean(text: string): Cleaned {
  if (/^(true|t|1)$/i.test(text)) return ok(true);
  if (/^(false|f|0)$/i.test(text)) return ok(false);
  return problem(`“${text}” value must be either True or False.`);
}

function cleanUuid(text: string): Cleaned {
  const digits = uuidDigits(text.replace(/^(urn:)?(uuid:)?/i, '').replaceAll(/[{}]/g, ''));
  return digits === undefined ? problem(`“${text}” is not a valid UUID.`) : ok(dashedUuid(digits));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const urlForm =
  /^(?:https?|ftps?):\/\/(?:[^\s:@/]+(?::[^\s:@/]*)?@)?(\[[0-9a-f:.]+\]|[^\s/?#:@[\]]+)(?::\d{1,5})?(?:[/?#]\S*)?$/i;

function isUrl(text: string): boolean {
  const host = urlForm.exec(text)?.[1];
  if (host === undefined) return false;
  if (host.startsWith('[')) return isIP(host.slice(1, -1)) === 6;
  return host.toLowerCase() === 'localhost' || isIP(host) === 4 || isDomain(host.replace(/\.$/, ''));
}

/** Forms of dates and times with their sentences (Django 5.2 db/models/fields/__init__.py). */
const moments: Partial<
  Record<Field['type'], { readonly form: string; readonly looks: RegExp; readonly kind: string }>
> = {
  DateField: { form: 'YYYY-MM-DD', looks: /^\d{4}-\d{1,2}-\d{1,2}$/, kind: 'date' },
  TimeField: { form: 'HH:MM[:ss[.uuuuuu]]', looks: /^\d{1,2}:\d{1,2}(:\d{1,2}([.,]\d+)?)?$/, kind: 'time' },
  DateTimeField: {
    form: 'YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ]',
    looks: /^\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{1,2}/,
    kind: 'date/time',
  },
  DurationField: { form: '[DD] [[HH:]MM:]ss[.uuuuuu]', looks: /^$/, kind: 'duration' },
};

function readMoment(text: string, type: Field['type'], timeZone: string): string | undefined {
  if (type === 'DateField') return parseDate(text);
  if (type === 'TimeField') return parseTime(text);
  if (type === 'DurationField') {
    const duration = parseDuration(text);
    return duration === undefined ? undefined : formatDuration(duration);
  }
  return momentText(text, createZone(timeZone));
}

function cleanMoment(text: string, { type }: Field, timeZone: string): Cleaned {
  const value = readMoment(text, type, timeZone);
  if (value !== undefined) return ok(value);
  const { form, looks, kind } = moments[type] ?? { form: type, looks: /^$/, kind: 'value' };
  if (looks.test(text))
    return problem(`“${text}” value has the correct format (${form}) but it is an invalid ${kind}.`);
  return problem(
    `“${text}” value has an invalid${kind === 'date' ? ' date' : ''} format. It must be in ${form} format.`,
  );
}

/** What speaks against a text of a text field, besides its being empty. */
function textProblems(text: string, { type, maxLength }: Field): string[] {
  const problems: string[] = [];
  if (type === 'EmailField' && !isEmail(text)) problems.push('Enter a valid email address.');
  if (type === 'SlugField' && !/^[-\w]+$/.test(text)) {
    problems.push('Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.');
  }
  if (type === 'URLField' && !isUrl(text)) problems.push('Enter a valid URL.');
  // No text has more characters than units: those that fit need no counting.
  const length = maxLength !== undefined && text.length > maxLength ? characterCount(text) : 0;
  if (maxLength !== undefined && length > maxLength) {
    const unit = maxLength === 1 ? 'character' : 'characters';
    problems.push(`Ensure this value has at most ${maxLength} ${unit} (it has ${length}).`);
  }
  if (text.includes('\0') || !isUnicode(text)) problems.push('Null characters are not allowed.');
  return problems;
}

/**
 * Turns a text that somebody typed into a value of `field`, as Django's model fields do, with their messages
 * (Django 5.2 db/models/fields/__init__.py). A reference is turned into the key that it refers to, which need not exist:
 * give the field that stores it as `stored`. Times without an offset are in `timeZone`. Where columns are not `typed`, an
 * integer has as many bits as any.
 */
export function cleanField(
  field: Field,
  text: string,
  {
    stored = field,
    timeZone = 'UTC',
    typed = true,
  }: { readonly stored?: Field; readonly timeZone?: string; readonly typed?: boolean } = {},
): Cleaned {
  const isOfText = isText(stored.type);
  if (text === '') {
    if (!field.blank) return problem(blankProblem);
    if (isOfText && field === stored) return ok('');
    return field.null ? ok(null) : problem('This field cannot be null.');
  }
  if (isOfText) {
    const problems = textProblems(text, stored);
    return problems.length === 0 ? ok(text) : problem(...problems);
  }
  const range = integerRange(stored.type, typed);
  if (range !== undefined) return cleanInteger(text, range);
  switch (stored.type) {
    case 'BooleanField':
      return cleanBoolean(text);
    case 'UUIDField':
      return cleanUuid(text);
    case 'DecimalField':
      return cleanDecimal(text, stored);
    case 'FloatField': {
      const number = text.trim() === '' ? Number.NaN : Number(text);
      return Number.isFinite(number) ? ok(number) : problem(`“${text}” value must be a float.`);
    }
    case 'JSONField':
      return isJson(text) ? ok(text) : problem('Value must be valid JSON.');
    case 'GenericIPAddressField':
      return isIP(text) === 0 ? problem('Enter a valid IPv4 or IPv6 address.') : ok(text.toLowerCase());
    case 'BinaryField':
      return problem('Bytes cannot be given as text.');
    default:
      return cleanMoment(text, stored, timeZone);
  }
}
