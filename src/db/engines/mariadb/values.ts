import type { Knex } from 'knex';
import type { Field } from '../../../registry/types.js';
import type { Value } from '../../dialect/dialect.js';
import { isDate, momentText, type Zone } from '../../values/moments.js';
import { readStoredText, storedText } from '../../values/texts.js';
import { badValue } from '../../values/values.js';

/** What reads a column of `field`, with its name as `??`. The driver itself would round floats. */
export const mariadbExpression = ({ type }: Field): string => (type === 'FloatField' ? 'CAST(?? AS CHAR)' : '??');

/** See `Dialect.read`. Timestamps in the database are times of `zone`. */
export function readMariadb(field: Field, raw: unknown, zone: Zone): Value {
  if (raw === null || raw === undefined) return null;
  if (field.type === 'BinaryField') return raw instanceof Uint8Array ? raw : Buffer.from(String(raw));
  const value = readText(field, raw instanceof Uint8Array ? Buffer.from(raw).toString() : String(raw), zone);
  if (value === undefined) throw badValue(field, raw);
  return value;
}

function readText(field: Field, text: string, zone: Zone): Value | undefined {
  switch (field.type) {
    case 'BooleanField':
      return text === '1' ? true : text === '0' ? false : undefined;
    case 'FloatField':
      return Number.isNaN(Number(text)) ? undefined : Number(text);
    case 'DateTimeField':
      return momentText(text, zone);
    case 'DateField':
      return isDate(text) ? text : undefined;
    default:
      return readStoredText(field, text);
  }
}

/** See `Dialect.bind`. A UUID is bound without dashes, which columns of either kind take. */
export function bindMariadb(field: Field, value: Value, zone: Zone): Knex.Value {
  if (value === null) return null;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (typeof value === 'boolean') return value;
  if (field.type === 'FloatField') {
    const number = Number(value);
    // The server has neither NaN nor infinities.
    if (!Number.isFinite(number)) throw badValue(field, value);
    return number;
  }
  const bound = storedText(field, String(value), zone);
  if (bound === undefined) throw badValue(field, value);
  return bound;
}
