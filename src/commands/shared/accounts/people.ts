import { findUser, findUserByEmail, findUserByKey, type User } from '../../../auth/accounts/find-user.js';
import { explainUnknownUser } from '../../../auth/accounts/users.js';
import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import type { Value } from '../../../db/dialect/dialect.js';
import type { Row } from '../../../db/write/rows.js';
import { CommandError } from '../../../errors.js';
import { findSessionUser, type SessionUser, userIdText } from '../../../sessions/store/users.js';
import { readStdin } from '../../../ui/stdin.js';

/** A user who is named on the command line. */
export interface NamedUser {
  readonly pk: Value;
  readonly username: string;
}

/** The accounts of these names, and of those on standard input where one of them is `-`, in that order. */
export async function findRows(
  context: Pick<Context, 'stdin'>,
  connection: Connection,
  given: readonly string[],
  by = 'username',
): Promise<User[]> {
  const rows: User[] = [];
  for (const name of await namesOf(context, given)) rows.push(await findPerson(connection, name, by));
  return rows;
}

/** As {@link findRows}, with what names them alone. */
export async function findPeople(...given: Parameters<typeof findRows>): Promise<NamedUser[]> {
  const [, connection] = given;
  const rows = await findRows(...given);
  return rows.map((row) => ({ pk: row.pk, username: nameOf(connection, row) }));
}

/** An option of commands that take users: what they are named by. */
export const byOption = {
  by: {
    type: 'string',
    choices: ['username', 'email', 'pk'],
    default: 'username',
    describe: 'How users are identified.',
  },
} as const;

export const userPositional = { user: { required: true, describe: 'User name; compared exactly.' } } as const;
export const usersPositional = {
  user: {
    required: true,
    variadic: true,
    describe: 'User names, compared exactly; - reads them from standard input, one per line.',
  },
} as const;

const maxInput = 50_000_000;

/** The names that were given, and those on standard input where one of them is `-`; each once. */
export async function namesOf(context: Pick<Context, 'stdin'>, given: readonly string[]): Promise<string[]> {
  const lines = given.includes('-')
    ? (await readStdin(context, maxInput)).split(/\r?\n/).filter((line) => line !== '')
    : [];
  return [...new Set(given.flatMap((name) => (name === '-' ? lines : [name])))];
}

/**
 * The account that is meant. Values that their fields cannot mean are left out: who ends an access needs none of them.
 *
 * @throws CommandError of code `user_not_found`, and `ambiguous_user` where several have the address.
 */
export async function findPerson(connection: Connection, name: string, by = 'username'): Promise<User> {
  if (by === 'username') {
    const user = await findUser(connection, name, { lenient: true });
    if (user === undefined) throw await explainUnknownUser(connection, name);
    return user;
  }
  // Many accounts have no address: nobody is meant by that.
  const find = by === 'pk' ? findUserByKey : findUserByEmail;
  const user = name === '' ? undefined : await find(connection, name, { lenient: true });
  if (user !== undefined) return user;
  throw new CommandError(`There is no user with the ${by === 'pk' ? 'key' : 'e-mail address'} '${name}'.`, {
    code: 'user_not_found',
  });
}

/** The account that is meant, as sessions and tokens name it. @throws CommandError as {@link findPerson}. */
export async function findOwner(connection: Connection, name: string, by?: string): Promise<SessionUser> {
  const row = await findPerson(connection, name, by);
  const owner = await findSessionUser(connection, userIdText(row.pk));
  if (owner === undefined) throw await explainUnknownUser(connection, nameOf(connection, row));
  return owner;
}

export const keyOf = ({ registry }: Pick<Connection, 'registry'>, row: Row): Value =>
  row[registry.userModel.primaryKey.name] ?? null;

export const nameOf = ({ registry }: Pick<Connection, 'registry'>, row: Row): string =>
  String(row[registry.userModel.auth?.usernameField ?? ''] ?? keyOf({ registry }, row));
