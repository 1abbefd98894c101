import type { Connection, DbContext } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { equalsIgnoringCase } from '../../db/read/expressions.js';
import { repeatableTransaction } from '../../db/transactions/transaction.js';
import { insertRow, isLeftToDatabase, type Row, selectRows, updateRow } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { findField, storedField } from '../../registry/define.js';
import { isGenerated, isText } from '../../registry/field-types.js';
import type { Field, Model } from '../../registry/types.js';
import { closest } from '../../text.js';
import { passwordState } from '../passwords/hashers.js';
import { insertLinks, type Links } from '../permissions/links.js';
import { capitalised } from '../python-text.js';
import { checkedValues } from './clean-text.js';
import { type UserOrKey, userKey } from './find-user.js';
import { keepingSuperuser } from './last-superuser.js';
import { assertWhole, type UserModel, userModelOf } from './user-model.js';

/** A new account: values by field, keys by many-to-many relation, and the password as `makePassword` made it. */
export interface NewUser {
  readonly values: Row;
  readonly links?: Links;
  readonly password: string;
}

export { findUser } from './find-user.js';

/** How the database tells names apart. `things` begins the sentence: `User names`. */
export const howNamesCompare = (things: string, { dialect }: Pick<Connection, 'dialect'>): string =>
  dialect.features.exactTexts
    ? `${things} are compared exactly, capital letters included.`
    : `${things} are compared by the collation of their column, for which small and capital letters may be the same.`;

/** The error for a user who is not there, in Django's words. `hint` says whom they may mean. */
function unknownUser(username: string, hint: string): CommandError {
  return new CommandError(`The user '${username}' does not exist.`, { code: 'user_not_found', hint });
}

/** How many accounts are named whose name or address is nearly what was given. */
const namedAtMost = 3;

/**
 * The error for a name that nobody has, which says whose it is: of those who have it as their address, and of those whose
 * name differs in capital letters or blanks alone.
 */
export async function explainUnknownUser(connection: DbContext, username: string): Promise<CommandError> {
  const { db } = connection;
  const { model, auth, username: field } = userModelOf(connection.registry);
  const wanted = username.trim();
  const exactly = howNamesCompare('User names', connection);
  const email = findField(model, auth.emailField ?? '');
  if (wanted === '' || wanted.includes('\0')) return unknownUser(username, exactly);
  const namesWhere = async (column: string): Promise<string[]> =>
    (
      await db(model.table)
        .whereRaw(equalsIgnoringCase(db, column, wanted, { trimmed: true }))
        .orderBy(`${model.table}.${model.primaryKey.column}`)
        .limit(namedAtMost)
        .pluck(`${model.table}.${field.column}`)
    ).map(String);
  const quoted = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ');
  const alike = await namesWhere(`${model.table}.${field.column}`);
  if (alike.length > 0) return unknownUser(username, `Did you mean ${quoted(alike)}? ${exactly}`);
  const owners = email === undefined || email === field ? [] : await namesWhere(`${model.table}.${email.column}`);
  if (owners.length === 0) {
    const near = closest(wanted, await namesLike(connection, wanted)).slice(0, namedAtMost);
    return unknownUser(username, near.length === 0 ? exactly : `Did you mean ${quoted(near)}? ${exactly}`);
  }
  const have = owners.length === 1 ? 'has' : 'have';
  return unknownUser(username, `${quoted(owners)} ${have} this address: give the user name.`);
}

/** Names among which a misspelt one is looked for: those that begin alike, and the first of all. */
async function namesLike(connection: DbContext, wanted: string): Promise<string[]> {
  const { db, dialect } = connection;
  const { model, username: field } = userModelOf(connection.registry);
  const names = () => db(model.table).limit(2000).pluck(field.column);
  const alike = await names().where(dialect.startsWith(db, field.column, [...wanted].slice(0, 2).join('')));
  return [...new Set([...alike, ...(await names().orderBy(model.primaryKey.column))].map(String))];
}

/** What Django would say where a value must be unique and is not: undefined for one that is free. */
export async function takenProblem(connection: DbContext, field: Field, value: Value): Promise<string | undefined> {
  const { model, username } = userModelOf(connection.registry);
  const isName = field.name === username.name;
  if (!(field.unique || isName) || value === null) return undefined;
  const fields = [model.primaryKey.name];
  const [row] = await selectRows(connection, model, { [field.name]: value }, { fields, limit: 1 });
  if (row === undefined) return undefined;
  return isName
    ? `That ${field.verboseName} is already taken.`
    : `${capitalised(model.verboseName)} with this ${capitalised(field.verboseName)} already exists.`;
}

/** The values of a new row; texts without a value are empty, as in Django. */
function completeRow(model: Model, given: Row): Row {
  const row = { ...given };
  for (const field of model.fields) {
    if (row[field.name] !== undefined || field.default !== undefined || field.null) continue;
    if (isGenerated(field.type) || isLeftToDatabase(field)) continue;
    if (!isText(field.type)) {
      throw new CommandError(`The field '${field.name}' of ${model.label} has neither a value nor a default.`, {
        code: 'missing_value',
      });
    }
    row[field.name] = '';
  }
  return row;
}

/** `!` alone, as old releases of Django wrote it, or what `makePassword(null)` makes: no password that begins with `!`. */
const unusableForm = /^!(?:[A-Za-z0-9]{40})?$/;

/** Refuses what is no hash, so that no password is ever stored as it was typed, and a hash that is too long. */
function assertStorable({ password, model }: UserModel, encoded: Value): void {
  const isHash = typeof encoded === 'string' && (unusableForm.test(encoded) || passwordState(encoded) === 'usable');
  if (!isHash) {
    // The text may be a password: no message shows it.
    throw new CommandError('The password to store is not a known password hash.', {
      code: 'bad_password_hash',
      hint: 'Give what `makePassword` makes of the password, or of null for an account without one.',
    });
  }
  const { maxLength } = password;
  if (maxLength === undefined || encoded.length <= maxLength) return;
  throw new CommandError(
    `The password's hash has ${encoded.length} characters, and ${model.label}.${password.name} holds ${maxLength}.`,
    { code: 'bad_registry', hint: 'Use another hasher, or make the column longer: Django has 128.' },
  );
}

/** Runs `work`; where it breaks a unique constraint, says which value is taken instead of what the database says. */
async function explainTaken<T>(connection: Connection, row: Row, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!connection.dialect.isUniqueViolation(cause)) throw cause;
    const { model, username } = userModelOf(connection.registry);
    for (const field of [username, ...model.fields]) {
      const value = row[field.name];
      const problem = value === undefined ? undefined : await takenProblem(connection, field, value);
      if (problem === undefined) continue;
      const code = field.name === username.name ? 'username_taken' : 'not_unique';
      throw new CommandError(problem, { code, hint: `Choose another ${field.verboseName}.` });
    }
    throw cause;
  }
}

/**
 * Makes an account, in one transaction with its links, and resolves with its key. What is not given has its default.
 *
 * @throws CommandError of code `username_taken` or `not_unique`, `missing_value` for a field that needs a
 * value, `bad_value` for one that its field cannot have, and `bad_password_hash` for a password that is not hashed.
 */
export async function createUser(
  connection: Connection,
  { values, links = {}, password }: NewUser,
  { now = new Date() }: { readonly now?: Date } = {},
): Promise<Value> {
  const user = userModelOf(connection.registry);
  assertWhole(user);
  assertStorable(user, password);
  const checked = checkedValues(connection, values);
  const row = completeRow(user.model, { ...checked, [user.password.name]: password });
  return explainTaken(connection, row, () =>
    repeatableTransaction(connection, async (bound) => {
      const pk = await insertRow(bound, user.model, row, { now });
      await insertLinks(bound, user.model, pk, links);
      return pk;
    }),
  );
}

/**
 * Changes the named fields of an account and no others, and adds the links that are missing, in one transaction.
 *
 * @throws CommandError of code `user_not_found` where it is gone, `not_unique` where a value is taken, `bad_value` for one that its
 * field cannot have, and with `keepSuperuser` `last_superuser` where that would leave no active superuser.
 */
export async function updateUser(
  connection: Connection,
  user: UserOrKey,
  { changes, links = {} }: { readonly changes: Row; readonly links?: Links },
  { keepSuperuser = false }: { readonly keepSuperuser?: boolean } = {},
): Promise<void> {
  const account = userModelOf(connection.registry);
  const pk = userKey(connection, user);
  const rights = [...Object.keys(account.auth.superuserValues), account.auth.activeField];
  const guarded = keepSuperuser && rights.some((name) => name !== undefined && changes[name] !== undefined);
  const encoded = changes[account.password.name];
  if (encoded !== undefined) assertStorable(account, encoded);
  const checked = checkedValues(connection, changes);
  await explainTaken(connection, checked, () =>
    repeatableTransaction(connection, async (bound) => {
      await keepingSuperuser(bound, { kept: 'nothing was changed', force: !guarded }, async () => {
        const fields = Object.keys(checked).length;
        if (fields > 0 && (await updateRow(bound, account.model, pk, checked)) === 0) {
          throw new CommandError('The user was deleted while this ran.', {
            code: 'user_not_found',
          });
        }
      });
      await insertLinks(bound, account.model, pk, links);
    }),
  );
}

/**
 * Stores a password, as `makePassword` made it, and touches nothing else.
 *
 * @throws CommandError of code `bad_password_hash` for what is no hash, such as the password itself.
 */
export function storePasswordHash(connection: Connection, pk: Value, encoded: string): Promise<void> {
  return updateUser(connection, pk, { changes: { [userModelOf(connection.registry).password.name]: encoded } });
}

/**
 * Stores a new hash where the old one is still there, so that a password that was changed in the meantime stays; resolves
 * with whether it was.
 */
export async function replacePassword(connection: Connection, pk: Value, from: string, to: string): Promise<boolean> {
  const { dialect, registry } = connection;
  const user = userModelOf(registry);
  assertStorable(user, to);
  const { model, password } = user;
  const key = storedField(registry, model.primaryKey);
  const changed = await repeatableTransaction(connection, ({ db }) =>
    db(model.table)
      .where(model.primaryKey.column, dialect.bind(db, key, pk))
      .where(password.column, dialect.bind(db, password, from))
      .update({ [password.column]: dialect.bind(db, password, to) }),
  );
  return changed === 1;
}
