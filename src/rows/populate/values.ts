import type { Faker } from '@faker-js/faker';
import type { Value } from '../../db/dialect/dialect.js';
import { timestampOf } from '../../db/values/moments.js';
import { CommandError } from '../../errors.js';
import { storedField } from '../../registry/define.js';
import { familyOf, isGenerated, isText } from '../../registry/field-types.js';
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
    .filter((field) => !(field.primaryKey && isGenerated(field.type)))
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
  if (named !== undefined && isText(field.type) && field.type !== 'SlugField' && field.type !== 'URLField')
    return (person) => named(faker, person);
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
  const family = familyOf(type);
  switch (family) {
    case 'integer':
      return unique ? (_, number) => number : () => faker.number.int({ min: 0, max: 1000 });
    case 'text':
      if (type === 'EmailField' || type === 'CIEmailField') return ({ email }) => email;
      if (type === 'URLField') return (_, number) => `https://example.com/${number}`;
      return field.blank && !unique ? () => '' : (_, number) => `${faker.lorem.word()}-${number}`;
    case 'boolean':
      return () => false;
    case 'float':
      return () => faker.number.float({ min: 0, max: 100, fractionDigits: 2 });
    case 'decimal':
      return () => faker.number.int({ min: 0, max: 9 }).toFixed(field.decimalPlaces ?? 0);
    case 'moment':
      return ({ joined }) => timestampOf(joined);
    case 'date':
      return ({ joined }) => timestampOf(joined).slice(0, 10);
    case 'time':
      return () => '12:00:00';
    case 'duration':
      return () => '00:10:00';
    case 'uuid':
      return () => faker.string.uuid();
    case 'json':
    case 'map':
      return () => '{}';
    case 'array':
      return () => '[]';
    case 'range':
      return () => '{"empty": true}';
    case 'bytes':
      return () => new Uint8Array();
    case 'address':
      return () => '192.0.2.1';
    case 'other':
    case 'key':
    case 'reference':
      throw noValue(label, field);
    default:
      return family satisfies never;
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

function noValue(label: string, { name, to, dbType }: Field): CommandError {
  return new CommandError(
    `No value can be generated for ${label}.${name}, ${to === undefined ? `whose type '${dbType}' is the database's own` : `which refers to '${to}'`}.`,
    {
      code: 'no_value',
      hint: `${to === undefined ? 'F' : `Make rows of '${to}' first, or f`}ill the users with a seed of your own.`,
    },
  );
}
