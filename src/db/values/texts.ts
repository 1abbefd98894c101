import { isInteger } from '../../registry/field-types.js';
import type { Field } from '../../registry/types.js';
import type { Value } from '../dialect/dialect.js';
import { quantize } from './decimals.js';
import { formatDuration, isDuration, parseDuration } from './durations.js';
import { isDate, localText, parseTime, type Zone } from './moments.js';
import { assertUnicode, dashedUuid, integerValue, uuidDigits } from './values.js';

// Values as texts that more than one engine stores, or reads; undefined is what the field cannot hold, or cannot mean.

export const isWhole = (text: string): boolean => /^-?\d+$/.test(text);

const fitsColumn = (integer: bigint) => BigInt.asIntN(64, integer) === integer;

/** What every engine takes alike. */
export function plainText(field: Field, text: string): string | undefined {
  switch (field.type) {
    case 'DateField':
      return isDate(text) ? text : undefined;
    case 'TimeField':
      return parseTime(text);
    case 'UUIDField':
      return uuidDigits(text);
    default:
      if (isInteger(field.type)) return isWhole(text) ? text : undefined;
      assertUnicode(field, text);
      return text;
  }
}

/**
 * What an engine takes whose timestamps are times of `zone`, and whose durations are microseconds. A UUID is without
 * dashes.
 */
export function storedText(field: Field, text: string, zone: Zone): string | undefined {
  switch (field.type) {
    case 'DateTimeField':
      return localText(text, zone);
    case 'DurationField': {
      const microseconds = parseDuration(text);
      return microseconds !== undefined && fitsColumn(microseconds) ? String(microseconds) : undefined;
    }
    case 'DecimalField':
      return quantize(text, field.decimalPlaces);
    default:
      return plainText(field, text);
  }
}

/** The value of what such an engine has stored, timestamps and floats excepted. */
export function readStoredText(field: Field, text: string): Value | undefined {
  switch (field.type) {
    case 'TimeField':
      return parseTime(text);
    case 'DurationField':
      return durationOf(text);
    case 'UUIDField': {
      const digits = uuidDigits(text);
      return digits && dashedUuid(digits);
    }
    default:
      if (!isInteger(field.type)) return text;
      return isWhole(text) ? integerValue(field, BigInt(text)) : undefined;
  }
}

/** A duration that is stored as a number of microseconds. */
export function durationOf(microseconds: string): string | undefined {
  if (!isWhole(microseconds)) return undefined;
  const count = BigInt(microseconds);
  return isDuration(count) ? formatDuration(count) : undefined;
}
