import type { Connection, DbContext } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { type Row, selectRows } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { findField, storedField } from '../../registry/define.js';
import type { Field } from '../../registry/types.js';
import { cleanField } from './fields.js';
import { userModelOf } from './user-model.js';

/** An account: its values by the names of the user model's fields, and its key, whatever the model calls that, as `pk` too. */
export interface User extends Row {
  pk: Value;
}

/** Who is meant: a user as the functions that find one resolve with it, or the key of one. */
export type UserOrKey = Value | Readonly<Row>;

export interface FindUserOptions {
  /** The fields to read, by default all. */
  readonly fields?: readonly string[] | undefined;
  /** Leaves out a value that its field cannot mean, for work that does not need it. */
  readonly lenient?: boolean;
}

/** The user with exactly this name, or undefined. */
export function findUser(
  connection: DbContext,
  username: Value,
  options: FindUserOptions = {},
): Promise<User | undefined> {
  return findBy(connection, userModelOf(connection.registry).username, username, options);
}

/** The user with this key, or undefined; a text is taken for what it is the text of. */
export async function findUserByKey(
  connection: DbContext,
  key: Value,
  options: FindUserOptions = {},
): Promise<User | undefined> {
  const { primaryKey } = userModelOf(connection.registry).model;
  const stored = storedField(connection.registry, primaryKey);
  // The column may be wider than its model says.
  const wide = { typed: false };
  const { value } = typeof key === 'string' ? cleanField({ ...stored, blank: false }, key, wide) : { value: key };
  return value === undefined ? undefined : findBy(connection, primaryKey, value, options);
}

/**
 * The user with exactly this e-mail address, or undefined.
 *
 * @throws CommandError of code `ambiguous_user` where several have it, and `no_such_field` where the model has none.
 */
export async function findUserByEmail(
  connection: DbContext,
  email: string,
  options: FindUserOptions = {},
): Promise<User | undefined> {
  const { model, auth } = userModelOf(connection.registry);
  const field = findField(model, auth.emailField ?? 'email');
  if (field === undefined) {
    throw new CommandError(`The user model ${model.label} has no e-mail address.`, { code: 'no_such_field' });
  }
  const [user, other] = await findAll(connection, field, email, { ...options, limit: 2 });
  if (other === undefined) return user;
  throw new CommandError(`Several users have the e-mail address '${email}'.`, { code: 'ambiguous_user' });
}

/** The key of who is meant. */
export function userKey({ registry }: Pick<Connection, 'registry'>, user: UserOrKey): Value {
  if (user === null || typeof user !== 'object' || user instanceof Uint8Array) return user;
  return user.pk ?? user[registry.userModel.primaryKey.name] ?? null;
}

async function findBy(connection: DbContext, field: Field, value: Value, options: FindUserOptions) {
  const [user] = await findAll(connection, field, value, { ...options, limit: 1 });
  return user;
}

async function findAll(
  connection: DbContext,
  field: Field,
  value: Value,
  { fields, ...options }: FindUserOptions & { readonly limit: number },
): Promise<User[]> {
  // No database has a text with NUL, and PostgreSQL takes none to look for.
  if (typeof value === 'string' && value.includes('\0')) return [];
  const { model } = userModelOf(connection.registry);
  const key = model.primaryKey.name;
  const read = fields && [...new Set([key, ...fields])];
  const rows = await selectRows(connection, model, { [field.name]: value }, { ...options, fields: read });
  return rows.map((row) => ({ ...row, pk: row[key] ?? null }));
}
