import type { Faker } from '@faker-js/faker';
import type { Value } from '../../db/dialect/dialect.js';
import { timestampOf } from '../../db/values/moments.js';
import { CommandError } from '../../errors.js';
import { storedField } from '../../registry/define.js';
import type { Field, Model, Registry } from '../../registry/types.js';
import type { Person } from './people.js';

/** Makes the value of one field for a new row; `number` differs from row to row. */
export type Maker = (person: Person, number: number) => Value;

/** Keys of rows that a reference may have, by label. */
export type KnownKeys = ReadonlyMap<string, readonly Value[]>;

interface Making {
  readonly faker: Faker;
  readonly registry: Registry;
  readonly keys: KnownKeys;
  /** What the password column of all new accounts holds. */
  readonly password: string;
}

/** What people usually mean by a field of this name. */
const byName: Readonly<Record<string, (faker: Faker, person: Person) => string>> = {
  first_name: (_, { first }) => first,
  last_name: (_, { last }) => last,
  name: (_, { first, last }) => `${first} ${last}`,
  full_name: (_, { first, last }) => `${first} ${last}`,
  display_name: (_, { first, last }) => `${first} ${last}`,
  short_name: (_, { first }) => first,
  email: (_, { email }) => email,
  username: (_, { login }) => login,
  phone: (faker) => faker.phone.number({ style: 'international' }),
  phone_number: (faker) => faker.phone.number({ style: 'international' }),
  city: (faker) => faker.location.city(),
  country: (faker) => faker.location.country(),
  company: (faker) => faker.company.name(),
  job_title: (faker) => faker.person.jobTitle(),
  bio: (faker) => faker.lorem.sentence(),
};

/**
 * Makers for the fields of the user model, without those that the database fills itself.
 *
 * @throws CommandError for a reference that must be there, while there is nothing to refer to.
 */
export function userMakers(making: Making): { readonly field: Field; readonly make: Maker }[] {
  const { registry } = making;
  const model = registry.userModel;
  return model.fields
    .filter((field) => !(field.primaryKey && field.type.endsWith('AutoField')))
    .map((field) => ({ field, make: fitted(field, userMaker(making, model, field)) }));
}

function userMaker(making: Making, { auth, label }: Model, field: Field): Maker {
  const { faker, password } = making;
  switch (field.name) {
    case auth?.passwordField:
      return () => password;
    case auth?.lastLoginField:
      return ({ lastLogin }) => (lastLogin === undefined ? null : timestampOf(lastLogin));
    case auth?.activeField:
      return ({ active }) => active;
    case auth?.emailField:
      return ({ email }) => email;
    case auth?.usernameField:
      return field.type === 'EmailField' ? ({ email }) => email : ({ login }) => login;
  }
  const named = byName[field.name];
  if (named !== undefined && /^(?:Char|Text|Email)Field$/.test(field.type)) return (person) => named(faker, person);
  const { default: fallback } = field;
  if (fallback !== undefined && 'value' in fallback) return () => fallback.value;
  if (field.null && fallback === undefined) return () => null;
  return valueMaker(making, label, field);
}

function valueMaker({ faker, registry, keys }: Making, label: string, field: Field): Maker {
  const unique = field.unique || field.primaryKey;
  const { type } = storedField(registry, field);
  if (field.to !== undefined) {
    const known = keys.get(field.to) ?? [];
    if (known.length === 0 || unique) throw noValue(label, field);
    return () => faker.helpers.arrayElement(known);
  }
  switch (type) {
    case 'CharField':
    case 'TextField':
    case 'SlugField':
      return field.blank && !unique ? () => '' : (_, number) => `${faker.lorem.word()}-${number}`;
    case 'EmailField':
      return ({ email }) => email;
    case 'URLField':
      return (_, number) => `https://example.com/${number}`;
    case 'BooleanField':
      return () => false;
    case 'AutoField':
    case 'BigAutoField':
    case 'SmallAutoField':
    case 'SmallIntegerField':
    case 'IntegerField':
    case 'BigIntegerField':
    case 'PositiveSmallIntegerField':
    case 'PositiveIntegerField':
    case 'PositiveBigIntegerField':
      return unique ? (_, number) => number : () => faker.number.int({ min: 0, max: 1000 });
    case 'FloatField':
      return () => faker.number.float({ min: 0, max: 100, fractionDigits: 2 });
    case 'DecimalField':
      return () => faker.number.int({ min: 0, max: 9 }).toFixed(field.decimalPlaces ?? 0);
    case 'DateTimeField':
      return ({ joined }) => timestampOf(joined);
    case 'DateField':
      return ({ joined }) => timestampOf(joined).slice(0, 10);
    case 'TimeField':
      return () => '12:00:00';
    case 'DurationField':
      return () => '00:10:00';
    case 'UUIDField':
      return () => faker.string.uuid();
    case 'JSONField':
      return () => '{}';
    case 'BinaryField':
      return () => new Uint8Array();
    case 'GenericIPAddressField':
      return () => '192.0.2.1';
    case 'ForeignKey':
    case 'OneToOneField':
      throw noValue(label, field);
    default:
      return type satisfies never;
  }
}

/** Cuts what is too long at its front, where a number that tells it from others is not. */
function fitted({ maxLength, type }: Field, make: Maker): Maker {
  if (maxLength === undefined || type === 'UUIDField') return make;
  return (person, number) => {
    const value = make(person, number);
    return typeof value === 'string' && value.length > maxLength ? value.slice(-maxLength) : value;
  };
}

function noValue(label: string, { name, to }: Field): CommandError {
  return new CommandError(`No value can be made up for ${label}.${name}, which refers to '${to}'.`, {
    code: 'no_value',
    hint: `Make rows of '${to}' first, or fill the users with a seed of your own.`,
  });
}
