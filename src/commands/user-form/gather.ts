import type { WantedUser } from '../../auth/accounts/save-user.js';
import { userField } from '../../auth/accounts/user-input.js';
import { userModelOf } from '../../auth/accounts/user-model.js';
import { findUser } from '../../auth/accounts/users.js';
import type { Context } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import { CommandError } from '../../errors.js';
import { type Given, givenName, givenRequired, missing } from './given.js';
import { passwordJudge } from './new-password.js';
import { badValue, type Collected, collect, collectGiven, inputPlace } from './values.js';

/**
 * What an account needs of what was given, and nothing asked (Django's `--noinput`). A weak password is
 * a warning. Where the name is that of an account and `existing` allows it, nothing else is required.
 *
 * @throws CommandError that names the option which is missing or wrong.
 */
export async function gatherUser(
  context: Context,
  connection: Connection,
  given: Given,
  sources: {
    readonly password: string | undefined;
    readonly existing: 'refuse' | 'keep' | 'update';
    readonly fromEnvironment: boolean;
  },
): Promise<WantedUser> {
  const { terminal } = context;
  const { model, auth, username } = userModelOf(connection.registry);
  const place = inputPlace(context, connection);
  const collected: Collected = { values: {}, links: {} };
  const { password, fromEnvironment } = sources;

  const name = givenName(connection, given, fromEnvironment);
  const field = userField(connection, username.name);
  const taken = sources.existing !== 'refuse';
  const problems = await collect(place, collected, field, name, { taken });
  if (problems !== undefined) {
    if (!problems[0]?.endsWith('is already taken.')) throw badValue(field.name, problems);
    const hint = `Choose another ${username.verboseName}.`;
    throw new CommandError(problems.join('; '), { code: 'username_taken', hint });
  }
  const existing = taken
    ? await findUser(connection, collected.values[username.name] ?? null, { lenient: true })
    : undefined;
  if (existing !== undefined && sources.existing === 'keep') return collected;

  for (const [other, text] of given) {
    if (other !== username.name && !auth.requiredFields.includes(other)) {
      await collectGiven(place, collected, other, text);
    }
  }
  for (const required of auth.requiredFields) {
    const text = givenRequired(connection, given, required);
    if (text !== undefined) await collectGiven(place, collected, required, text);
    else if (existing === undefined) throw missing(required, fromEnvironment);
  }
  if (password !== undefined) {
    if (password.trim() === '')
      throw new CommandError("Blank passwords aren't allowed.", {
        code: 'bad_password',
        hint: 'Give one that has more in it than spaces.',
      });
    const weak = await passwordJudge(context, model, { ...existing, ...collected.values })(password);
    if (weak.length > 0) terminal.warn(`Warning: the password is weak. ${weak.join(' ')}`);
  }
  return { ...collected, password };
}
