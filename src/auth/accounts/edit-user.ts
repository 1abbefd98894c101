import type { ChangeMessage } from '../../audit/change-message.js';
import { type AuditOptions, writeLog } from '../../audit/write.js';
import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { repeatableTransaction } from '../../db/transactions/transaction.js';
import { type Row, selectRows } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { insertLinks, type Links, linkedKeys, removeLinks } from '../permissions/links.js';
import { moveAddress } from './allauth-address.js';
import { fieldLabel } from './labels.js';
import { keepingSuperuser } from './last-superuser.js';
import { userModelOf } from './user-model.js';
import { updateUser } from './users.js';

/** What is to be changed about an account; what is not named stays. */
export interface UserEdit {
  /** Values by field. */
  readonly values?: Row;
  /** Keys to link and to unlink, by many-to-many relation. */
  readonly add?: Links;
  readonly remove?: Links;
}

export interface EditOptions extends AuditOptions {
  /** Allows that no active superuser is left. */
  readonly force?: boolean;
}

export interface EditedUser {
  /** Names of the fields and relations whose values are others now. */
  readonly changed: readonly string[];
  /** Whether an address of allauth was changed along with the user's own. */
  readonly address: boolean;
  readonly before: Row;
}

const sameValue = (a: Value | undefined, b: Value | undefined) => a === b || String(a ?? '\0') === String(b ?? '\0');

/**
 * Changes an account in one transaction, with its entry in the log, and tells what is another now.
 *
 * @throws CommandError of code `user_not_found`, `not_unique` and `username_taken` as `updateUser`, and `last_superuser`
 * where no active superuser would be left.
 */
export async function editUser(
  connection: Connection,
  pk: Value,
  { values = {}, add = {}, remove = {} }: UserEdit,
  { force = false, ...audit }: EditOptions = {},
): Promise<EditedUser> {
  const { model, auth, username } = userModelOf(connection.registry);
  return repeatableTransaction(connection, async (bound) => {
    const [before] = await selectRows(bound, model, { [model.primaryKey.name]: pk }, { limit: 1, lenient: true });
    if (before === undefined) throw new CommandError('The user does not exist any more.', { code: 'user_not_found' });
    const changes = Object.fromEntries(
      Object.entries(values).filter(([name, value]) => !(name in before) || !sameValue(before[name], value)),
    );
    const loses =
      Object.entries(changes).some(
        ([name, value]) => name in auth.superuserValues && value !== auth.superuserValues[name],
      ) ||
      (auth.activeField !== undefined && changes[auth.activeField] === false);
    const keep = {
      kept: 'nothing was changed',
      username: () => String(before[username.name]),
      force: force || !loses,
    };
    await keepingSuperuser(bound, keep, async () => {
      if (Object.keys(changes).length > 0) await updateUser(bound, pk, { changes });
    });
    const linked: string[] = [];
    for (const name of new Set([...Object.keys(add), ...Object.keys(remove)])) {
      const keys = new Set((await linkedKeys(bound, model, pk, name)).map(String));
      const wanted = (add[name] ?? []).filter((key) => !keys.has(String(key)));
      const unwanted = (remove[name] ?? []).filter((key) => keys.has(String(key)));
      if (wanted.length > 0) await insertLinks(bound, model, pk, { [name]: wanted });
      if (unwanted.length > 0) await removeLinks(bound, model, pk, { [name]: unwanted });
      if (wanted.length + unwanted.length > 0) linked.push(name);
    }
    const email = auth.emailField === undefined ? undefined : changes[auth.emailField];
    const address =
      typeof email === 'string' && (await moveAddress(bound, pk, String(before[auth.emailField ?? ''] ?? ''), email));
    const changed = [...Object.keys(changes), ...linked];
    if (changed.length > 0) {
      const labels = changed.map((name) => fieldLabel(model, name));
      const messages: ChangeMessage[] = [{ changed: { fields: labels } }];
      const repr = String(changes[username.name] ?? before[username.name]);
      await writeLog(bound, [{ action: 'change', model, pk, repr, messages }], audit);
    }
    return { changed, address, before };
  });
}
