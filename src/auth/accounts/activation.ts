import { type AuditOptions, writeLog } from '../../audit/write.js';
import type { Connection } from '../../db/connect/connection.js';
import { repeatableTransaction } from '../../db/transactions/transaction.js';
import { type Row, updateRow } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import type { Field } from '../../registry/types.js';
import { capitalised } from '../python-text.js';
import { keepingSuperuser } from './last-superuser.js';
import { type UserModel, userModelOf } from './user-model.js';
import { explainUnknownUser, findUser } from './users.js';

function activeFieldOf({ model, auth }: UserModel): Field {
  const field = model.fields.find(({ name }) => name === auth.activeField);
  if (field !== undefined) return field;
  throw new CommandError(`The user model ${model.label} does not say which users are active.`, {
    code: 'no_such_field',
    hint: 'Name the field in `activeField` of its `auth` block, if it has one.',
  });
}

export interface ActivationOptions extends AuditOptions {
  /** Allows that no active superuser is left. */
  readonly force?: boolean;
}

/**
 * Lets users log in, or keeps them from it, in one transaction; resolves with the names of those for whom that is new.
 * Nothing but that one field is written.
 *
 * @throws CommandError of code `user_not_found` for the first name that nobody has, and `last_superuser` where no active
 * superuser would be left.
 */
export async function setActive(
  connection: Connection,
  usernames: readonly string[],
  active: boolean,
  { force = false, ...audit }: ActivationOptions = {},
): Promise<string[]> {
  const user = userModelOf(connection.registry);
  const { model, auth } = user;
  const field = activeFieldOf(user);
  const needed = [model.primaryKey.name, field.name, ...Object.keys(auth.superuserValues)];
  const isSuperuser = (row: Row) => Object.entries(auth.superuserValues).every(([name, value]) => row[name] === value);
  return repeatableTransaction(connection, async (bound) => {
    const changed: string[] = [];
    let superuser: string | undefined;
    const keep = { kept: 'no user was deactivated', username: () => superuser, force: active || force };
    await keepingSuperuser(bound, keep, async () => {
      for (const username of new Set(usernames)) {
        const row = await findUser(bound, username, { fields: [...new Set(needed)] });
        if (row === undefined) throw await explainUnknownUser(bound, username);
        if (row[field.name] === active) continue;
        const pk = row[model.primaryKey.name] ?? null;
        await updateRow(bound, model, pk, { [field.name]: active });
        changed.push(username);
        const messages = [{ changed: { fields: [capitalised(field.verboseName)] } }];
        await writeLog(bound, [{ action: 'change', model, pk, repr: username, messages }], audit);
        if (isSuperuser(row)) superuser = username;
      }
    });
    return changed;
  });
}
