import type { Connection, DbContext } from '../../db/connect/connection.js';
import { timestampOf } from '../../db/values/moments.js';
import { updateRow } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { checkPassword, defaultAlgorithm, makePassword, passwordNeedsUpdate, spendTime } from '../passwords/hashers.js';
import { type ValidationOptions, validatePassword } from '../passwords/validators.js';
import { findUserByKey, type User, type UserOrKey, userKey } from './find-user.js';
import { newHashes } from './new-hashes.js';
import { userModelOf } from './user-model.js';
import { replacePassword, storePasswordHash } from './users.js';

export interface HashingOptions {
  /** Algorithm of new hashes, by default `pbkdf2_sha256`. */
  readonly hasher?: string | undefined;
  /** Rounds of PBKDF2; by default as many as the newest hashes of the database have, and never fewer than Django 5.2's. */
  readonly iterations?: number | undefined;
}

const hashesFor = (connection: DbContext, { hasher = defaultAlgorithm, iterations }: HashingOptions) =>
  newHashes(connection, { passwordHashers: [hasher], passwordIterations: iterations });

/** How a new password is judged, and hashed. */
export interface SetPasswordOptions extends HashingOptions, Omit<ValidationOptions, 'model'> {}

const goneError = () => new CommandError('The user does not exist.', { code: 'user_not_found' });

async function read(connection: DbContext, user: UserOrKey): Promise<User | undefined> {
  return findUserByKey(connection, userKey(connection, user), { lenient: true });
}

/**
 * Gives a user a new password, or with null none that works; that ends the user's sessions and makes reset links worthless. The
 * password must have nothing against it that the validators say, which are by default the four of Django's project template;
 * `validators: []` takes every password.
 *
 * @throws CommandError of code `weak_password`, with the sentences of the validators, and `user_not_found`.
 */
export async function setPassword(
  connection: Connection,
  user: UserOrKey,
  password: string | null,
  options: SetPasswordOptions = {},
): Promise<void> {
  const found = await read(connection, user);
  if (found === undefined) throw goneError();
  if (password !== null) await assertGood(connection, found, password, options);
  const encoded = await makePassword(password, await hashesFor(connection, options));
  await storePasswordHash(connection, found.pk, encoded);
}

/**
 * Whether this is the password of the user. Where it is, and its hash is not as it would be made today, it is hashed again, as
 * Django does when somebody logs in; that ends no session that Django would not end. A user who does not exist has none, and
 * takes as long.
 */
export async function verifyPassword(
  connection: Connection,
  user: UserOrKey | undefined,
  password: string,
  options: HashingOptions = {},
): Promise<boolean> {
  const found = user === undefined ? undefined : await read(connection, user);
  const hashes = await hashesFor(connection, options);
  if (found === undefined) {
    await spendTime(password, hashes);
    return false;
  }
  const encoded = hashOf(connection, found);
  if (!(await checkPassword(password, encoded, hashes))) return false;
  if (passwordNeedsUpdate(encoded, hashes)) {
    // One that somebody has changed in the meantime stays as it is.
    await replacePassword(connection, found.pk, encoded, await makePassword(password, hashes));
  }
  return true;
}

/**
 * Changes the password of a user who knows the old one.
 *
 * @throws CommandError of code `wrong_password` where `current` is not the password, `weak_password` as {@link setPassword},
 * and `password_changed` where somebody else has changed it meanwhile.
 */
export async function changePassword(
  connection: Connection,
  user: UserOrKey,
  current: string,
  password: string,
  options: SetPasswordOptions = {},
): Promise<void> {
  const found = await read(connection, user);
  const encoded = found && hashOf(connection, found);
  const hashes = await hashesFor(connection, options);
  if (found === undefined || encoded === undefined || !(await checkPassword(current, encoded, hashes))) {
    if (found === undefined) await spendTime(current, hashes);
    throw new CommandError('This is not the password of the user.', { code: 'wrong_password' });
  }
  await assertGood(connection, found, password, options);
  const changed = await makePassword(password, hashes);
  if (await replacePassword(connection, found.pk, encoded, changed)) return;
  throw new CommandError('The password was changed in the meantime, and was left as it is.', {
    code: 'password_changed',
  });
}

/**
 * Notes that the user has logged in at `now`, which makes reset links worthless that were sent before; nothing where the user
 * model does not note it.
 *
 * @throws CommandError of code `user_not_found`.
 */
export async function touchLastLogin(
  connection: Connection,
  user: UserOrKey,
  { now = new Date() }: { readonly now?: Date } = {},
): Promise<void> {
  const { model, auth } = userModelOf(connection.registry);
  if (auth.lastLoginField === undefined) return;
  const changes = { [auth.lastLoginField]: timestampOf(now) };
  if ((await updateRow(connection, model, userKey(connection, user), changes)) === 0) throw goneError();
}

function hashOf({ registry }: Pick<Connection, 'registry'>, user: User): string {
  return String(user[userModelOf(registry).auth.passwordField] ?? '');
}

async function assertGood(
  { registry }: Pick<Connection, 'registry'>,
  user: User,
  password: string,
  { validators, root }: SetPasswordOptions,
): Promise<void> {
  const problems = await validatePassword(password, user, {
    model: userModelOf(registry).model,
    ...(validators === undefined ? {} : { validators }),
    ...(root === undefined ? {} : { root }),
  });
  if (problems.length > 0) throw new CommandError(problems.join(' '), { code: 'weak_password' });
}
