import { CommandError } from '../errors.js';
import type { Field, Model, ModelDefinition } from './types.js';

/** Whether the key of a model is made of several fields. */
export const isComposite = ({ keyFields }: Pick<Model, 'keyFields'>): boolean => keyFields.length > 1;

/** Whether a field has a column of its model's key. */
export const isOfKey = ({ keyFields }: Pick<Model, 'keyFields'>, field: Field): boolean => keyFields.includes(field);

function fail(label: string, sentence: string, hint: string): never {
  throw new CommandError(`The model ${label} ${sentence}.`, { code: 'bad_registry', hint });
}

/**
 * The key that several of a model's fields are together, as Django's `CompositePrimaryKey` has it: `pk`, without a column.
 *
 * @throws CommandError where the names are none of the model's fields, are too few, or where there is another key besides.
 */
export function resolveKey(
  label: string,
  fields: readonly Field[],
  { primaryKey: names = [], manyToMany = {} }: Pick<ModelDefinition, 'primaryKey' | 'manyToMany'>,
): Pick<Model, 'primaryKey' | 'keyFields'> {
  if (names.length < 2 || new Set(names).size < names.length) {
    fail(label, 'has a `primaryKey` that does not name two fields or more', 'Give a key of one field to that field.');
  }
  const keyFields = names.map((name) => {
    const field = fields.find((each) => each.name === name || (each.to !== undefined && each.column === name));
    return field ?? fail(label, `has no field '${name}', which its primaryKey names`, 'Correct its `primaryKey`.');
  });
  const other = fields.find((field) => field.primaryKey);
  if (other !== undefined) fail(label, `has '${other.name}' as its key, and a \`primaryKey\` besides`, 'Take one out.');
  const nullable = keyFields.find((field) => field.null);
  if (nullable !== undefined) {
    fail(label, `may have NULL in '${nullable.name}', a field of its key`, 'Take `null` out of that field.');
  }
  if (Object.keys(manyToMany).length > 0) {
    fail(label, 'has a key of several fields and a many-to-many relation', 'Declare the join table as a model.');
  }
  const primaryKey: Field = {
    name: 'pk',
    column: 'pk',
    type: 'CompositePrimaryKey',
    null: false,
    blank: true,
    primaryKey: true,
    unique: true,
    dbIndex: false,
    verboseName: 'pk',
  };
  return { primaryKey, keyFields };
}

/** @throws CommandError where a reference leads to a key that one column cannot hold. */
export function assertOneKey(reference: string, target: Model): void {
  if (!isComposite(target)) return;
  throw new CommandError(`${reference} refers to '${target.label}', whose key is made of several fields.`, {
    code: 'bad_registry',
    hint: 'Name a unique field of that model with `toField`, or declare the columns as plain fields.',
  });
}
