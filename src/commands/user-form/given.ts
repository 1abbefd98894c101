import { cleanText } from '../../auth/accounts/clean-text.js';
import { userField } from '../../auth/accounts/user-input.js';
import { userModelOf } from '../../auth/accounts/user-model.js';
import { findUser } from '../../auth/accounts/users.js';
import type { Context, ModelArguments } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import { CommandError, UsageError } from '../../errors.js';
import type { Registry } from '../../registry/types.js';
import { badValue } from './values.js';

type Text = string | readonly string[];
/** Values by field, as somebody gave them. */
export type Given = ReadonlyMap<string, Text>;

const variable = (name: string) => `DJANGO_SUPERUSER_${name.toUpperCase()}`;

/** The error for a required field without a value. `fromEnvironment` says whether a variable may give it. */
export const missing = (name: string, fromEnvironment: boolean) =>
  new CommandError(`You must use --${name} with --no-input.`, {
    code: 'missing_value',
    hint: fromEnvironment ? `Or set ${variable(name)}.` : 'At a terminal, without --no-input, you are asked for it.',
  });

/**
 * The values that were given, and those of DJANGO_SUPERUSER_* for the user name and required fields that were not: for
 * createsuperuser alone, where nobody is asked.
 */
export function withEnvironment(
  { env }: Pick<Context, 'env'>,
  place: Pick<Connection, 'registry'>,
  given: Given,
): Given {
  const { auth, username } = userModelOf(place.registry);
  const all = new Map(given);
  for (const name of [username.name, ...auth.requiredFields]) {
    const text = env[variable(name)];
    if (text !== undefined && !all.has(name)) all.set(name, text);
  }
  return all;
}

/** The password of the environment, unless another place gives one too: for createsuperuser alone. */
export function environmentPassword({ env }: Pick<Context, 'env'>, password: string | undefined): string | undefined {
  const found = env[variable('password')];
  if (found === undefined) return password;
  if (password !== undefined) {
    throw new UsageError(`The password is given as an option and as ${variable('password')}.`, {
      hint: 'Give the password in one place.',
    });
  }
  if (found === '') {
    throw new CommandError(`${variable('password')} is empty.`, {
      code: 'bad_password',
      hint: 'Unset it to create the account with an unusable password.',
    });
  }
  return found;
}

/** The user name that was given. @throws CommandError where there is none. */
export function givenName(place: Pick<Connection, 'registry'>, given: Given, fromEnvironment: boolean): Text {
  const { name } = userModelOf(place.registry).username;
  const text = given.get(name);
  if (text === undefined) throw missing(name, fromEnvironment);
  if (text === '') throw new CommandError(`${userField(place, name).label} cannot be blank.`, { code: 'bad_value' });
  return text;
}

/** The same for a required field: undefined where nothing was given, or nothing that could be a value. */
export function givenRequired(place: Pick<Connection, 'registry'>, given: Given, name: string) {
  const text = given.get(name);
  return text === '' && !userField(place, name).blank ? undefined : text;
}

/**
 * Refuses values that are wrong whatever is in the database, for commands that change it first; the user name is left
 * out where another one can be asked for.
 *
 * @throws CommandError that names the field.
 */
export function assertValid(context: Context, given: Given, { asks }: { readonly asks: boolean }): void {
  const place = { registry: context.registry, timeZone: context.settings.timeZone };
  const { auth, username } = userModelOf(context.registry);
  const names = new Set([username.name, ...auth.requiredFields, ...given.keys()]);
  for (const name of names) {
    if (asks && name === username.name) continue;
    const { field } = userField(place, name);
    const text = given.get(name);
    const isAbsent = text === '' && auth.requiredFields.includes(name);
    if (field === undefined || typeof text !== 'string' || isAbsent) continue;
    const { problems } = cleanText(place, field, text);
    if (problems !== undefined) throw badValue(name, problems);
  }
}

/** Finds out whether all is given that a new account must have. @throws CommandError that names what is missing. */
export function assertComplete(place: Pick<Connection, 'registry'>, given: Given, fromEnvironment: boolean): void {
  for (const required of userModelOf(place.registry).auth.requiredFields) {
    if (givenRequired(place, given, required) === undefined) throw missing(required, fromEnvironment);
  }
}

/** Whether there is an account of the name that is given. */
export async function isTaken(context: Context, connection: Connection, given: Given): Promise<boolean> {
  const { username } = userModelOf(connection.registry);
  const text = given.get(username.name) ?? '';
  const place = { registry: connection.registry, timeZone: context.settings.timeZone };
  const { value } = cleanText(place, username, typeof text === 'string' ? text : (text.at(-1) ?? ''));
  if (value === undefined) return false;
  return (await findUser(connection, value, { fields: [username.name] })) !== undefined;
}

/** The argument that names a new user, as the option of its field does. */
export const newUserPositional = {
  user: { describe: 'User name, as with the option of that name.' },
} as const;

/**
 * The values of options, with the user name that was given as an argument.
 *
 * @throws UsageError where both give one.
 */
export function withNamedUser(
  registry: Registry,
  { user, modelArguments }: { readonly user: string | undefined; readonly modelArguments: ModelArguments },
): ModelArguments {
  if (user === undefined) return modelArguments;
  const { name } = userModelOf(registry).username;
  if (!Object.hasOwn(modelArguments, name)) return { ...modelArguments, [name]: user };
  throw new UsageError('The user name is given twice, as an argument and as an option.', {
    hint: 'Leave one of them out.',
  });
}
