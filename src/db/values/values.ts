import type { Knex } from 'knex';
import { CommandError } from '../../errors.js';
import { isWide } from '../../registry/field-types.js';
import type { Field } from '../../registry/types.js';
import type { Value } from '../dialect/dialect.js';

/** In every Node from 20 on, and not yet in the language that TypeScript is told of. */
type WellFormed = string & { isWellFormed(): boolean };

/** Whether a text can be written in any encoding: it has no half of a pair of surrogates. */
export function isUnicode(text: string): boolean {
  return (text as WellFormed).isWellFormed();
}

/** An integer as the {@link Value} of a field: a text where a number would be rounded. */
export const integerValue = ({ type }: Pick<Field, 'type'>, integer: bigint): Value =>
  isWide(type) || !Number.isSafeInteger(Number(integer)) ? String(integer) : Number(integer);

/** An expression for a select list: `??` in it stands for the column, of `table` where that is given. */
export function selectExpression(executor: Knex, expression: string, column: string, table?: string): Knex.Raw {
  const name = table === undefined ? column : `${table}.${column}`;
  const names = Array<string>(expression.split('??').length - 1).fill(name);
  return executor.raw(`${expression} AS ??`, [...names, column]);
}

/** What a value of these types has to be, for the message about one that is not. */
const WANTED: Partial<Record<Field['type'], string>> = {
  BooleanField: 'true or false',
  DateTimeField: 'a date and time of the years 1 to 9999',
  DateField: 'a date of the years 1 to 9999',
  TimeField: 'a time of day',
  DurationField: 'a duration',
  DecimalField: 'a decimal number',
  FloatField: 'a number that the database can hold',
  UUIDField: 'a UUID',
};

const flags: Readonly<Record<string, boolean>> = { '1': true, t: true, true: true, '0': false, f: false, false: false };

/** A truth value where its column has another type: a number, as in MySQL, or a word; undefined for what is none. */
export const readFlag = (raw: unknown): boolean | undefined =>
  Object.hasOwn(flags, String(raw).toLowerCase()) ? flags[String(raw).toLowerCase()] : undefined;

/** An error for what a column holds, or is to hold, and cannot mean what its field says. */
export function badValue({ column, type }: Field, value: unknown): CommandError {
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value);
  return new CommandError(
    `The column '${column}' has or gets ${shown}, which is not ${WANTED[type] ?? 'a whole number'}.`,
    { code: 'bad_value', hint: 'Give another value, or fix the row in the database.' },
  );
}

/** An error for a text that cannot be stored; it does not show the text, which may be a secret. */
export function badText({ column }: Field, reason: string): CommandError {
  return new CommandError(`A text for the column '${column}' ${reason}.`, {
    code: 'bad_value',
    hint: 'Give another text.',
  });
}

/** @throws CommandError for a text that has no encoding. */
export function assertUnicode(field: Field, text: string): void {
  if (!isUnicode(text)) throw badText(field, 'has half of a surrogate pair, which no encoding can write');
}

/** The 32 hexadecimal digits of a UUID in any notation with or without dashes, or undefined. */
export function uuidDigits(text: string): string | undefined {
  const digits = text.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(digits) ? digits : undefined;
}

/** The usual notation: `550e8400-e29b-41d4-a716-446655440000`. */
export function dashedUuid(digits: string): string {
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
