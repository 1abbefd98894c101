import { CommandError } from '../../../errors.js';

/** A user by Django's field names, as far as it is known. */
export type PartialUser = Readonly<Record<string, unknown>>;

/** Why a password is refused: Django's identifier and Django's sentence. */
export interface PasswordProblem {
  readonly code: string;
  readonly message: string;
}

export interface ValidatorContext {
  readonly user: PartialUser;
  /** What a person calls a field of the user, such as `email address` for `email`. */
  readonly verboseName: (field: string) => string;
}

export type Validator = (
  password: string,
  context: ValidatorContext,
) => PasswordProblem | undefined | Promise<PasswordProblem | undefined>;

/** Options of a validator as the settings have them. */
export type ValidatorOptions = Readonly<Record<string, unknown>>;

/** The error for an option that a validator cannot take. */
export function badOption(validator: string, option: string, remedy: string): CommandError {
  return new CommandError(`The option '${option}' of the password validator ${validator} is wrong.`, {
    code: 'bad_settings',
    hint: remedy,
  });
}
