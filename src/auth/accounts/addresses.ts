import type { Connection } from '../../db/connect/connection.js';
import { passOver } from '../../db/read/pages.js';
import type { Row } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { listUsers, type UserFilter } from './list-users.js';
import { userModelOf } from './user-model.js';

/** Somebody with an e-mail address. Names that the user model does not have are empty. */
export interface Addressee {
  readonly name: string;
  readonly first: string;
  readonly last: string;
  readonly email: string;
}

const textOf = (row: Row, name: string) => (typeof row[name] === 'string' ? String(row[name]) : '');

/**
 * The users who have an e-mail address, in the order of their keys, however many there are.
 *
 * @throws CommandError of code `no_such_field` where the user model has none.
 */
export function listAddresses(
  connection: Connection,
  filter: UserFilter = {},
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<Addressee> {
  const { emailField } = userModelOf(connection.registry).auth;
  if (emailField === undefined) {
    throw new CommandError('The user model has no e-mail address.', { code: 'no_such_field' });
  }
  return addressees(listUsers(connection, filter, { ...options, onBadValue: passOver }), emailField);
}

async function* addressees(pages: AsyncIterable<Row[]>, emailField: string): AsyncGenerator<Addressee> {
  for await (const page of pages) {
    for (const row of page) {
      const email = textOf(row, emailField);
      if (email === '') continue;
      const [first, last] = [textOf(row, 'first_name'), textOf(row, 'last_name')];
      const name = [first, last].filter(Boolean).join(' ') || textOf(row, 'full_name');
      yield { name, first, last, email };
    }
  }
}
