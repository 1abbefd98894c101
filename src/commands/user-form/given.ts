import { cleanText, userField } from '../../auth/accounts/user-input.js';
import { userModelOf } from '../../auth/accounts/user-model.js';
import { findUser } from '../../auth/accounts/users.js';
import type { Context } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import { CommandError, UsageError } from '../../errors.js';
import { badValue } from './values.js';

type Text = string | readonly string[];
/** Values by field, as somebody gave them. */
export type Given = ReadonlyMap<string, Text>;

const variable = (name: string) => `DJANGO_SUPERUSER_${name.toUpperCase()}`;

/** The error for a required field without a value. */
export const missing = (name: string) =>
  new CommandError(`You must use --${name} with --no-input.`, {
    code: 'missing_value',
    hint: `Or set ${variable(name)}.`,
  });

/** The password of the environment, unless another place gives one too. */
export function environmentPassword({ env }: Context, password: string | undefined): string | undefined {
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
      hint: 'Unset it to make an account that nobody can log in to with a password.',
    });
  }
  return found;
}

/** The user name that was given, as an option or in the environment. @throws CommandError where there is none. */
export function givenName({ env }: Context, place: Pick<Connection, 'registry'>, given: Given): Text {
  const { name } = userModelOf(place.registry).username;
  const text = given.get(name) ?? env[variable(name)];
  if (text === undefined) throw missing(name);
  if (text === '') throw new CommandError(`${userField(place, name).label} cannot be blank.`, { code: 'bad_value' });
  return text;
}

/** The same for a required field: undefined where nothing was given, or nothing that could be a value. */
export function givenRequired({ env }: Context, place: Pick<Connection, 'registry'>, given: Given, name: string) {
  const text = given.get(name) ?? env[variable(name)];
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
    const text = given.get(name) ?? (asks ? undefined : givenInEnvironment(context, place, name));
    const isAbsent = text === '' && auth.requiredFields.includes(name);
    if (field === undefined || typeof text !== 'string' || isAbsent) continue;
    const { problems } = cleanText(place, field, text);
    if (problems !== undefined) throw badValue(name, problems);
  }
}

/** What {@link gatherUser} takes from the environment for a field. */
function givenInEnvironment({ env }: Context, place: Pick<Connection, 'registry'>, name: string): string | undefined {
  const { auth, username } = userModelOf(place.registry);
  return name === username.name || auth.requiredFields.includes(name) ? env[variable(name)] : undefined;
}

/**
 * Finds out whether all is given that {@link gatherUser} is going to need for the user name and the password.
 *
 * @throws CommandError that names the option which is missing.
 */
export function assertNamed(context: Context, given: Given, password: string | undefined): void {
  environmentPassword(context, password);
  givenName(context, context, given);
}

/** The same for the fields that a new account must have. @throws CommandError that names the one which is missing. */
export function assertComplete(context: Context, given: Given): void {
  for (const required of userModelOf(context.registry).auth.requiredFields) {
    if (givenRequired(context, context, given, required) === undefined) throw missing(required);
  }
}

/** Whether there is an account of the name that is given. */
export async function isTaken(context: Context, connection: Connection, given: Given): Promise<boolean> {
  const { username } = userModelOf(connection.registry);
  const text = givenName(context, connection, given);
  const place = { registry: connection.registry, timeZone: context.settings.timeZone };
  const { value } = cleanText(place, username, typeof text === 'string' ? text : (text.at(-1) ?? ''));
  if (value === undefined) return false;
  return (await findUser(connection, value, { fields: [username.name] })) !== undefined;
}
