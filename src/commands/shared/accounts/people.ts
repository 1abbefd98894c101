import { cleanField } from '../../../auth/accounts/fields.js';
import { userField } from '../../../auth/accounts/user-input.js';
import { userModelOf } from '../../../auth/accounts/user-model.js';
import { explainUnknownUser, findUser } from '../../../auth/accounts/users.js';
import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import type { Value } from '../../../db/dialect/dialect.js';
import { type Row, selectRows } from '../../../db/write/rows.js';
import { CommandError } from '../../../errors.js';
import { storedField } from '../../../registry/define.js';
import { readStdin } from '../../../ui/stdin.js';

/** An option of commands that take users: what they are named by. */
export const byOption = {
  by: {
    type: 'string',
    choices: ['username', 'email', 'pk'],
    default: 'username',
    describe: 'What the users are named by.',
  },
} as const;

export const userPositional = { user: { required: true, describe: 'User name; compared exactly.' } } as const;
export const usersPositional = {
  user: {
    required: true,
    variadic: true,
    describe: 'The user names, exactly; - reads them from standard input, one a line.',
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
export async function findPerson(connection: Connection, name: string, by = 'username'): Promise<Row> {
  const { model, auth } = userModelOf(connection.registry);
  if (by === 'username') {
    const row = await findUser(connection, name, { lenient: true });
    if (row === undefined) throw await explainUnknownUser(connection, name);
    return row;
  }
  const field = by === 'pk' ? model.primaryKey : userField(connection, auth.emailField ?? 'email').field;
  const stored = field === undefined ? undefined : storedField(connection.registry, field);
  const cleaned = stored === undefined ? undefined : cleanField({ ...stored, blank: false }, name);
  const rows =
    field === undefined || cleaned?.value === undefined
      ? []
      : await selectRows(connection, model, { [field.name]: cleaned.value }, { limit: 2, lenient: true });
  const [row, other] = rows;
  if (row === undefined) {
    throw new CommandError(`There is no user with the ${by === 'pk' ? 'key' : 'e-mail address'} '${name}'.`, {
      code: 'user_not_found',
    });
  }
  if (other !== undefined) {
    throw new CommandError(`Several users have the e-mail address '${name}'.`, {
      code: 'ambiguous_user',
      hint: 'Give the user name instead.',
    });
  }
  return row;
}

export const keyOf = ({ registry }: Pick<Connection, 'registry'>, row: Row): Value =>
  row[registry.userModel.primaryKey.name] ?? null;

export const nameOf = ({ registry }: Pick<Connection, 'registry'>, row: Row): string =>
  String(row[registry.userModel.auth?.usernameField ?? ''] ?? keyOf({ registry }, row));
