import type { WantedUser } from '../auth/save-user.js';
import { userField } from '../auth/user-input.js';
import { userModelOf } from '../auth/user-model.js';
import { findUser } from '../auth/users.js';
import type { Context } from '../command.js';
import type { Connection } from '../db/connection.js';
import { CommandError, UsageError } from '../errors.js';
import { passwordJudge } from './_new-password.js';
import { type Collected, collect, collectGiven, inputPlace } from './_user-values.js';

type Text = string | readonly string[];
type Given = ReadonlyMap<string, Text>;

const variable = (name: string) => `DJANGO_SUPERUSER_${name.toUpperCase()}`;

const missing = (name: string) =>
  new CommandError(`You must use --${name} with --no-input.`, {
    code: 'missing_value',
    hint: `Or set ${variable(name)}.`,
  });

/** The password of the environment, unless another place gives one too. */
function environmentPassword({ env }: Context, password: string | undefined): string | undefined {
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
function givenName({ env }: Context, place: Pick<Connection, 'registry'>, given: Given): Text {
  const { name } = userModelOf(place.registry).username;
  const text = given.get(name) ?? env[variable(name)];
  if (text === undefined) throw missing(name);
  if (text === '') throw new CommandError(`${userField(place, name).label} cannot be blank.`, { code: 'bad_value' });
  return text;
}

/** The same for a required field: undefined where nothing was given, or nothing that could be a value. */
function givenRequired({ env }: Context, place: Pick<Connection, 'registry'>, given: Given, name: string) {
  const text = given.get(name) ?? env[variable(name)];
  return text === '' && !userField(place, name).blank ? undefined : text;
}

/**
 * Finds out, before any database is touched, whether all is given that {@link gatherUser} is going to need. What an
 * account must have is required where none of that name may be there.
 *
 * @throws CommandError that names the option which is missing.
 */
export function assertGiven(
  context: Context,
  given: Given,
  sources: { readonly password: string | undefined; readonly existing: 'refuse' | 'keep' | 'update' },
): void {
  environmentPassword(context, sources.password);
  givenName(context, context, given);
  if (sources.existing !== 'refuse') return;
  for (const required of userModelOf(context.registry).auth.requiredFields) {
    if (givenRequired(context, context, given, required) === undefined) throw missing(required);
  }
}

/**
 * What an account needs, from options and the environment, and nothing asked (Django's `--noinput`). A weak password is
 * a warning. Where the name is that of an account and `existing` allows it, nothing else is required.
 *
 * @throws CommandError that names the option which is missing or wrong.
 */
export async function gatherUser(
  context: Context,
  connection: Connection,
  given: Given,
  sources: { readonly password: string | undefined; readonly existing: 'refuse' | 'keep' | 'update' },
): Promise<WantedUser> {
  const { terminal } = context;
  const { model, auth, username } = userModelOf(connection.registry);
  const place = inputPlace(context, connection);
  const collected: Collected = { values: {}, links: {} };
  const password = environmentPassword(context, sources.password);

  const name = givenName(context, connection, given);
  const field = userField(connection, username.name);
  const taken = sources.existing !== 'refuse';
  const problems = await collect(place, collected, field, name, { taken });
  if (problems !== undefined) {
    const code = problems[0]?.endsWith('is already taken.') ? 'username_taken' : 'bad_value';
    throw new CommandError(problems.join('; '), { code });
  }
  const existing = taken
    ? await findUser(connection, connection.db, collected.values[username.name] ?? null)
    : undefined;
  if (existing !== undefined && sources.existing === 'keep') return collected;

  for (const [other, text] of given) {
    if (other !== username.name && !auth.requiredFields.includes(other)) {
      await collectGiven(place, collected, other, text);
    }
  }
  for (const required of auth.requiredFields) {
    const text = givenRequired(context, connection, given, required);
    if (text !== undefined) await collectGiven(place, collected, required, text);
    else if (existing === undefined) throw missing(required);
  }
  if (password !== undefined) {
    if (password.trim() === '') throw new CommandError("Blank passwords aren't allowed.", { code: 'bad_password' });
    const weak = await passwordJudge(context, model, { ...existing, ...collected.values })(password);
    if (weak.length > 0) terminal.warn(`Warning: the password is weak. ${weak.join(' ')}`);
  }
  return { ...collected, password };
}
