import { CommandError } from '../errors.js';
import type { Field, Model, Registry } from '../registry/types.js';

// What refers to the rows of a model, as all known models say.

/** A field of another model, or of the same one. */
export interface ReferringField {
  readonly model: Model;
  readonly field: Field;
}

export const referringFields = ({ models }: Registry, { label }: Model): ReferringField[] =>
  models
    .filter(({ managed }) => managed)
    .flatMap((model) => model.fields.filter(({ to }) => to === label).map((field) => ({ model, field })));

/** The columns of join tables that hold keys of the model. */
export const joinColumns = ({ models }: Registry, { label }: Model): { table: string; column: string }[] =>
  models.flatMap((other) =>
    other.manyToMany
      .filter(({ through }) => through === undefined)
      .flatMap(({ table, to, column, reverseColumn }) => [
        ...(other.label === label ? [{ table, column }] : []),
        ...(to === label ? [{ table, column: reverseColumn }] : []),
      ]),
  );

/** The error for rows that cannot go, because a model protects them that refers to them. */
export const protectedRows = (model: Model, by: Model): CommandError =>
  new CommandError(`Rows of ${model.label} cannot be deleted: rows of ${by.label} refer to them.`, {
    code: 'protected_rows',
    hint: `Delete the rows of ${by.label} first.`,
  });
