import { CommandError } from '../../errors.js';
import type { Model } from '../../registry/types.js';
import { knownNames } from '../../text.js';
import { commonPasswordValidator } from './validators/common.js';
import { similarityValidator } from './validators/similarity.js';
import { minimumLengthValidator, numericValidator } from './validators/simple.js';
import type { PartialUser, PasswordProblem, Validator, ValidatorOptions } from './validators/validator.js';

export type { PartialUser, PasswordProblem } from './validators/validator.js';

/** A validator as the settings name it: Django's class name and options. */
export interface ValidatorSpec {
  readonly name: string;
  readonly options?: ValidatorOptions;
}

export interface ValidationOptions {
  /** By default the four of Django's project template. */
  readonly validators?: readonly ValidatorSpec[];
  /** The user model, which says what people call its fields; by default Django's own. */
  readonly model?: Model;
  /** Folder that a relative `password_list_path` is in; by default the working directory. */
  readonly root?: string;
}

const factories: Readonly<Record<string, (options: ValidatorOptions, root: string) => Validator>> = {
  UserAttributeSimilarityValidator: similarityValidator,
  MinimumLengthValidator: minimumLengthValidator,
  CommonPasswordValidator: commonPasswordValidator,
  NumericPasswordValidator: () => numericValidator,
};

const djangoTemplate: readonly ValidatorSpec[] = Object.keys(factories).map((name) => ({ name }));

function createValidator({ name, options = {} }: ValidatorSpec, root: string): Validator {
  const className = name.slice(name.lastIndexOf('.') + 1);
  const factory = Object.hasOwn(factories, className) ? factories[className] : undefined;
  if (factory === undefined) {
    throw new CommandError(`There is no password validator '${name}'.`, {
      code: 'bad_settings',
      hint: knownNames(className, Object.keys(factories)),
    });
  }
  return factory(options, root);
}

function verboseNames(model: Model | undefined): (field: string) => string {
  return (field) => {
    const known = model?.fields.find(({ name }) => name === field)?.verboseName;
    if (known !== undefined) return known;
    if (model !== undefined) return field;
    return field === 'email' ? 'email address' : field.replaceAll('_', ' ');
  };
}

/**
 * What speaks against a password, in the order of the validators (Django 5.2 contrib/auth/password_validation.py).
 *
 * @throws CommandError where a validator is unknown, has a wrong option, or cannot read its list.
 */
export async function passwordProblems(
  password: string,
  user: PartialUser = {},
  { validators = djangoTemplate, model, root = process.cwd() }: ValidationOptions = {},
): Promise<PasswordProblem[]> {
  const context = { user, verboseName: verboseNames(model) };
  const found: PasswordProblem[] = [];
  for (const validate of validators.map((spec) => createValidator(spec, root))) {
    const problem = await validate(password, context);
    if (problem !== undefined) found.push(problem);
  }
  return found;
}

/**
 * Django's sentences about what speaks against a password, in the order of the validators; an empty array for a good one.
 * `user` has what is known of its owner, by Django's field names.
 *
 * @throws CommandError as {@link passwordProblems}.
 */
export async function validatePassword(
  password: string,
  user?: PartialUser,
  options?: ValidationOptions,
): Promise<string[]> {
  return (await passwordProblems(password, user, options)).map(({ message }) => message);
}
