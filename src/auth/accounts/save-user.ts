import { type AuditOptions, writeLog } from '../../audit/write.js';
import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { repeatableTransaction } from '../../db/transactions/transaction.js';
import type { Row } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { isPasswordUsable, makePassword } from '../passwords/hashers.js';
import type { Links } from '../permissions/links.js';
import { fieldLabel } from './labels.js';
import { userModelOf } from './user-model.js';
import { createUser, findUser, updateUser } from './users.js';

/** What is wanted: values by field, the user name among them, and links. */
export interface WantedUser {
  readonly values: Row;
  readonly links?: Links;
  /**
   * The password itself, or null for an unusable one; without it a new account gets an unusable password, and an old one
   * keeps what it has.
   */
  readonly password?: string | null | undefined;
}

export interface SaveOptions extends AuditOptions {
  /** What to do where the name is taken: fail, leave that account alone, or change it. */
  readonly existing?: 'refuse' | 'keep' | 'update';
  /** Algorithm of the new hash, by default Django's. */
  readonly hasher?: string | undefined;
  /** Rounds of a new hash of PBKDF2, by default Django's. */
  readonly iterations?: number | undefined;
}

export interface SavedUser {
  readonly action: 'created' | 'updated' | 'kept';
  readonly pk: Value;
  readonly usablePassword: boolean;
  /** The account's row as it was before, where there was one. */
  readonly before?: Row;
}

/**
 * Makes an account, or changes the one of that name. `fixed` are the values that make it what it is, such as those of a
 * superuser: they are written to a new account and to one that is updated. Safe to run twice at once.
 *
 * @throws CommandError of code `username_taken` where the name is taken and `existing` is `refuse`, and as `createUser`.
 */
export async function saveUser(
  connection: Connection,
  { values, links = {}, password }: WantedUser,
  fixed: Row,
  { now = new Date(), existing = 'refuse', hasher, iterations, actor }: SaveOptions,
): Promise<SavedUser> {
  const { model, auth, username } = userModelOf(connection.registry);
  const name = values[username.name] ?? null;
  const before = existing === 'refuse' ? undefined : await findUser(connection, name, { lenient: true });
  if (before === undefined) {
    const encoded = await makePassword(password ?? null, { hasher, iterations });
    try {
      const user = { values: { ...values, ...fixed }, links, password: encoded };
      const pk = await repeatableTransaction(connection, async (bound) => {
        const key = await createUser(bound, user, { now });
        const event = { action: 'addition', model, pk: key, repr: String(name), messages: [{ added: {} }] } as const;
        await writeLog(bound, [event], { actor, now });
        return key;
      });
      return { action: 'created', pk, usablePassword: isPasswordUsable(encoded) };
    } catch (error) {
      // Another run made it in the meantime: it is there now.
      const isTaken = error instanceof CommandError && error.code === 'username_taken';
      if (!isTaken || existing === 'refuse') throw error;
      return saveUser(connection, { values, links, password }, fixed, { now, existing, hasher, iterations, actor });
    }
  }
  const pk = before[model.primaryKey.name] ?? null;
  const stored = before[auth.passwordField];
  const usablePassword = typeof stored === 'string' && isPasswordUsable(stored);
  if (existing === 'keep') return { action: 'kept', pk, usablePassword, before };
  const { [username.name]: _, ...changes } = { ...values, ...fixed };
  if (password !== undefined) {
    changes[auth.passwordField] = await makePassword(password, { hasher, iterations });
  }
  await repeatableTransaction(connection, async (bound) => {
    await updateUser(bound, pk, { changes, links }, { keepSuperuser: true });
    const changed = [...Object.keys(changes).filter((each) => changes[each] !== before[each]), ...Object.keys(links)];
    if (changed.length === 0) return;
    const messages = [{ changed: { fields: changed.map((each) => fieldLabel(model, each)) } }];
    await writeLog(bound, [{ action: 'change', model, pk, repr: String(name), messages }], { actor, now });
  });
  return { action: 'updated', pk, usablePassword: password === undefined ? usablePassword : password !== null, before };
}

/** As {@link saveUser}, with the values that make a superuser. */
export function saveSuperuser(connection: Connection, user: WantedUser, options: SaveOptions): Promise<SavedUser> {
  return saveUser(connection, user, { ...userModelOf(connection.registry).auth.superuserValues }, options);
}
