import type { WantedUser } from '../../auth/accounts/save-user.js';
import { defaultUsername } from '../../auth/accounts/system-username.js';
import { type InputPlace, type UserField, userField } from '../../auth/accounts/user-input.js';
import { userModelOf } from '../../auth/accounts/user-model.js';
import { findUser } from '../../auth/accounts/users.js';
import type { Context } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import type { Row } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { askNewPassword, passwordJudge } from './new-password.js';
import { type Collected, collect, collectGiven, inputPlace } from './values.js';

type Given = ReadonlyMap<string, string | readonly string[]>;

/** An account that has the name already. */
type Existing = { readonly existing: Row | undefined };

async function askUntilValid(
  { terminal }: Pick<Context, 'terminal'>,
  place: InputPlace,
  collected: Collected,
  field: UserField,
  { offer, taken = false }: { readonly offer?: string | undefined; readonly taken?: boolean } = {},
): Promise<void> {
  const question = `${field.label}${offer === undefined ? '' : ` (leave blank to use '${offer}')`}: `;
  for (;;) {
    const answer = await terminal.ask(question);
    const problems = await collect(place, collected, field, answer === '' && offer !== undefined ? offer : answer, {
      taken,
    });
    if (problems === undefined) return;
    terminal.warn(`Error: ${problems.join('; ')}`);
  }
}

async function askUsername(
  context: Context,
  place: InputPlace,
  collected: Collected,
  given: string | readonly string[] | undefined,
  taken: boolean,
): Promise<Existing> {
  const { connection } = place;
  const { username } = userModelOf(connection.registry);
  const field = userField(connection, username.name);
  const label = field.label.replace(/ \(.*/, '');
  if (given === '') throw new CommandError(`${label} cannot be blank.`, { code: 'bad_value' });
  const problems = given === undefined ? [] : await collect(place, collected, field, given, { taken });
  if (problems !== undefined) {
    if (problems.length > 0) context.terminal.warn(`Error: ${problems.join('; ')}`);
    const offer = await defaultUsername(connection, context.env);
    await askUntilValid(context, place, collected, field, { offer, taken });
  }
  const name = collected.values[username.name] ?? null;
  return { existing: taken ? await findUser(connection, name, { lenient: true }) : undefined };
}

/** How an account is asked for. */
interface AskOptions {
  /** What to do where the name is taken: ask for another, or go on with that account. */
  readonly existing?: 'refuse' | 'keep' | 'update';
  /** `false` asks for no password, `new` only for that of an account that is to be made. */
  readonly password?: boolean | 'new';
}

/**
 * Asks for what an account needs and is not given, as Django's createsuperuser does, name first and password last. Where
 * the name is that of an account and `existing` allows it, only the password is asked for, or nothing at all.
 */
export async function askUser(
  context: Context,
  connection: Connection,
  given: Given,
  { existing = 'refuse', password: asksPassword = true }: AskOptions = {},
): Promise<WantedUser> {
  const place = inputPlace(context, connection);
  const { model, auth, username } = userModelOf(connection.registry);
  const collected: Collected = { values: {}, links: {} };
  const found = await askUsername(context, place, collected, given.get(username.name), existing !== 'refuse');
  if (found.existing !== undefined && existing === 'keep') return collected;
  for (const [name, text] of given) if (name !== username.name) await collectGiven(place, collected, name, text);
  if (found.existing === undefined) {
    for (const name of auth.requiredFields.filter((required) => !given.has(required))) {
      await askUntilValid(context, place, collected, userField(connection, name));
    }
  }
  if (!asksPassword || (asksPassword === 'new' && found.existing !== undefined)) return collected;
  const user = { ...found.existing, ...collected.values };
  const deed = found.existing === undefined ? 'create user' : 'change the password';
  const bypass = `Bypass password validation and ${deed} anyway? [y/N]: `;
  const password = await askNewPassword(context, passwordJudge(context, model, user), bypass);
  return { ...collected, password };
}
