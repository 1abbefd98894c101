import { CommandError } from '../../errors.js';
import { findField } from '../../registry/define.js';
import type { AuthBlock, Field, Model, Registry } from '../../registry/types.js';

/** The model that holds the accounts, with the fields that every such model has. */
export interface UserModel {
  readonly model: Model;
  readonly auth: AuthBlock;
  readonly username: Field;
  readonly password: Field;
}

function requireField(model: Model, name: string): Field {
  const field = findField(model, name);
  if (field !== undefined) return field;
  throw new CommandError(`The user model ${model.label} has no field '${name}', which its \`auth\` block names.`, {
    code: 'bad_registry',
    hint: 'Correct its definition in the app that declares it.',
  });
}

/** @throws CommandError where the registry's user model does not say how it keeps accounts. */
export function userModelOf({ userModel: model }: Registry): UserModel {
  const { auth } = model;
  if (auth === undefined) {
    throw new CommandError(`The user model ${model.label} has no \`auth\` block.`, {
      code: 'bad_registry',
      hint: 'Say in its definition which fields hold the user name and the password.',
    });
  }
  const { usernameField, passwordField } = auth;
  return { model, auth, username: requireField(model, usernameField), password: requireField(model, passwordField) };
}

/** @throws CommandError of code `parted_user_model` where a row of the user model is not all that makes an account. */
export function assertWhole({ model, auth }: UserModel): void {
  if (auth.partOf === undefined) return;
  throw new CommandError(
    `No account can be made here: one is a row of ${auth.partOf.toLowerCase()}, and ${model.label} has only a part of it.`,
    { code: 'parted_user_model', hint: 'Make it on the site itself.' },
  );
}
