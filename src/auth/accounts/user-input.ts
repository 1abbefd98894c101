import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { selectRows } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { findField, storedField } from '../../registry/define.js';
import type { Field, Model } from '../../registry/types.js';
import { knownNames } from '../../text.js';
import { findRelation, targetOf } from '../permissions/links.js';
import { capitalised } from '../python-text.js';
import { cleanText } from './clean-text.js';
import { blankProblem, cleanField } from './fields.js';
import { userModelOf } from './user-model.js';
import { takenProblem } from './users.js';

/** Where the values of a user go, and how times without an offset are read. */
export interface InputPlace {
  readonly connection: Connection;
  readonly timeZone: string;
}

/** A field of the user, or a many-to-many relation of it, that somebody gives a value for. */
export interface UserField {
  readonly name: string;
  /** What a person is asked: `Email address`, `Group (Group.id)`. */
  readonly label: string;
  /** Absent for a many-to-many relation. */
  readonly field?: Field;
  readonly blank: boolean;
}

/** Values, links, or Django's sentences about what is wrong. */
export type CleanedInput =
  | { readonly value: Value; readonly keys?: undefined; readonly problems?: undefined }
  | { readonly value?: undefined; readonly keys: readonly Value[]; readonly problems?: undefined }
  | { readonly value?: undefined; readonly keys?: undefined; readonly problems: readonly string[] };

/** @throws CommandError where the user model has no such field or relation. */
export function userField({ registry }: Pick<Connection, 'registry'>, name: string): UserField {
  const { model } = userModelOf(registry);
  const field = findField(model, name);
  if (field !== undefined) {
    const to = field.to === undefined ? undefined : targetOf({ registry }, { to: field.to });
    const suffix = to === undefined ? '' : ` (${to.name}.${to.primaryKey.name})`;
    return { name, field, label: capitalised(field.verboseName) + suffix, blank: field.blank };
  }
  if (!model.manyToMany.some((relation) => relation.name === name)) {
    const names = [...model.fields, ...model.manyToMany].map((each) => each.name);
    throw new CommandError(`The user model ${model.label} has no field '${name}'.`, {
      code: 'unknown_field',
      hint: knownNames(name, names, { say: 'It has' }),
    });
  }
  const relation = findRelation(model, name);
  const to = targetOf({ registry }, relation);
  return { name, label: `${capitalised(relation.verboseName)} (${to.name}.${to.primaryKey.name})`, blank: false };
}

/** As Python would show it. */
const shown = ({ type }: Field, value: Value) => (/Integer|Auto/.test(type) ? `${value}` : `'${value}'`);

async function missingTarget({ connection }: InputPlace, to: Model, key: Value): Promise<string | undefined> {
  const { name } = to.primaryKey;
  const { registry } = connection;
  const rows = await selectRows(connection, to, { [name]: key }, { fields: [name], limit: 1 });
  if (rows.length > 0) return undefined;
  return `${to.verboseName} instance with ${name} ${shown(storedField(registry, to.primaryKey), key)} is not a valid choice.`;
}

async function cleanKeys(place: InputPlace, name: string, texts: readonly string[]): Promise<CleanedInput> {
  const { connection } = place;
  const { model } = userModelOf(connection.registry);
  const to = targetOf(connection, findRelation(model, name));
  const stored = storedField(connection.registry, to.primaryKey);
  const keys: Value[] = [];
  const problems: string[] = [];
  for (const text of texts) {
    const cleaned = cleanField({ ...stored, blank: false }, text.trim());
    if (cleaned.problems !== undefined) problems.push(...cleaned.problems);
    else {
      const missing = await missingTarget(place, to, cleaned.value);
      if (missing === undefined) keys.push(cleaned.value);
      else problems.push(missing);
    }
  }
  return problems.length > 0 ? { problems } : { keys };
}

/**
 * Turns what somebody typed for a field of a user into values: a text for a field, keys for a many-to-many relation
 * (several texts, or one with commas). References must exist, and unique values must be free unless `taken` allows them.
 */
export async function cleanInput(
  place: InputPlace,
  { name, field }: UserField,
  given: string | readonly string[],
  { taken = false }: { readonly taken?: boolean } = {},
): Promise<CleanedInput> {
  const texts = typeof given === 'string' ? [given] : given;
  if (field === undefined) {
    const keys = texts.flatMap((text) => text.split(',')).filter((text) => text.trim() !== '');
    return keys.length === 0 ? { problems: [blankProblem] } : cleanKeys(place, name, keys);
  }
  const cleaned = cleanText({ ...place, registry: place.connection.registry }, field, texts.at(-1) ?? '');
  if (cleaned.problems !== undefined) return cleaned;
  const { connection } = place;
  const { value } = cleaned;
  if (field.to !== undefined && value !== null) {
    const missing = await missingTarget(place, targetOf(connection, { to: field.to }), value);
    if (missing !== undefined) return { problems: [missing] };
  }
  const problem = taken ? undefined : await takenProblem(connection, field, value);
  return problem === undefined ? { value } : { problems: [problem] };
}
