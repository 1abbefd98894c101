import type { Connection, DbContext } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import type { Row } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { findField, storedField } from '../../registry/define.js';
import { integerRange, isText } from '../../registry/field-types.js';
import type { Field } from '../../registry/types.js';
import { normalizeEmail } from './email.js';
import { type Cleaned, cleanField } from './fields.js';
import { userModelOf } from './user-model.js';

/**
 * Turns a typed text into a user name: normalised as Django does (NFKC; an address gets a domain in lower case), and
 * refused in Django's words. Names in a column called `username` may have letters, digits and `@.+-_`, as in every model
 * that is made from Django's own.
 */
export function cleanUsername(field: Field, text: string, options: Parameters<typeof cleanField>[2] = {}): Cleaned {
  // Nearly every name: it is its own normal form.
  const isPlain = /^[\w.@+-]+$/.test(text);
  const normal = field.type === 'EmailField' ? normalizeEmail(text) : isPlain ? text : text.normalize('NFKC');
  const cleaned = cleanField(field.blank ? { ...field, blank: false } : field, normal, options);
  const hasRule = field.name === 'username' && field.type === 'CharField';
  if (!hasRule || isPlain || normal === '' || /^[\p{L}\p{N}_.@+-]+$/u.test(normal)) return cleaned;
  const rule = 'Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.';
  const others = (cleaned.problems ?? []).filter((problem) => !problem.startsWith('Null characters'));
  return { problems: [rule, ...others] };
}

type TextPlace = Pick<Connection, 'registry'> & { readonly timeZone: string };

/** What {@link cleanText} does for one field, for many texts. */
export function textCleaner({ registry, timeZone }: TextPlace, field: Field): (text: string) => Cleaned {
  const { auth } = userModelOf(registry);
  const options = { stored: storedField(registry, field), timeZone };
  if (field.name === auth.usernameField) return (text) => cleanUsername(field, text, options);
  if (field.name !== auth.emailField) return (text) => cleanField(field, text, options);
  return (text) => {
    // Django validates an address as it was typed, and then changes its domain to lower case.
    const cleaned = cleanField(field, text, options);
    return typeof cleaned.value === 'string' ? { value: normalizeEmail(text) } : cleaned;
  };
}

/** The value of a text that somebody typed for a field, or what is wrong with it in itself, whatever is in the database. */
export const cleanText = (place: TextPlace, field: Field, text: string): Cleaned => textCleaner(place, field)(text);

/** Types besides texts and integers whose values can be given as texts. */
const ofTexts: ReadonlySet<Field['type']> = new Set([
  'BooleanField',
  'UUIDField',
  'DecimalField',
  'FloatField',
  'JSONField',
  'GenericIPAddressField',
  'DateField',
  'TimeField',
  'DateTimeField',
  'DurationField',
]);

function checkedValue(connection: Pick<DbContext, 'registry'>, field: Field, value: Value): Cleaned {
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array))
    return { problems: ['It is an object.'] };
  const { type } = storedField(connection.registry, field);
  const isKnown = isText(type) || ofTexts.has(type) || integerRange(type, true) !== undefined;
  if (value === null) return field.null ? { value } : { problems: ['This field cannot be null.'] };
  if (!isKnown || value instanceof Uint8Array) return { value };
  // As in Django, where only forms look at how a text is made: an account that has an odd name or address can be written back.
  const kept: Field = isText(field.type) ? { ...field, type: 'CharField', blank: true } : field;
  return cleanField(kept, String(value), { stored: storedField(connection.registry, kept), timeZone: 'UTC' });
}

/**
 * Values of an account that a program gives, as their fields can have them: SQLite would keep anything. Times without an offset are
 * in UTC. The password is left as it is, and what is undefined is not given.
 *
 * @throws CommandError of code `bad_value` that names the field.
 */
export function checkedValues(connection: Pick<DbContext, 'registry'>, values: Row): Row {
  const { model, password } = userModelOf(connection.registry);
  const checked: Row = {};
  for (const [name, value] of Object.entries<Value | undefined>(values)) {
    if (value === undefined) continue;
    const field = findField(model, name);
    const cleaned: Cleaned =
      field === undefined || field === password ? { value } : checkedValue(connection, field, value);
    if (cleaned.problems !== undefined) {
      throw new CommandError(`The value for '${name}' cannot be stored: ${cleaned.problems.join(' ')}`, {
        code: 'bad_value',
      });
    }
    checked[name] = cleaned.value;
  }
  return checked;
}
