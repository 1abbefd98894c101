import type { DbContext } from '../../db/connect/connection.js';
import { CommandError } from '../../errors.js';
import { storedField } from '../../registry/define.js';
import { userModelOf } from './user-model.js';

/**
 * Whether there is an active superuser. The rows are locked where the database does that, so that two runs cannot each
 * count on the user whose rights the other one takes.
 */
export async function hasActiveSuperuser({ db, dialect, registry }: DbContext): Promise<boolean> {
  const { model, auth } = userModelOf(registry);
  // Nothing makes a superuser there.
  if (Object.keys(auth.superuserValues).length === 0) return false;
  const wanted = { ...auth.superuserValues, ...(auth.activeField === undefined ? {} : { [auth.activeField]: true }) };
  const query = db(model.table).select(model.primaryKey.column).orderBy(model.primaryKey.column).forUpdate();
  for (const field of model.fields) {
    const value = wanted[field.name];
    if (value !== undefined) query.where(field.column, dialect.bind(db, storedField(registry, field), value));
  }
  return (await query).length > 0;
}

export interface KeepOptions {
  /** What was kept from happening, for the error: `nothing was changed`. */
  readonly kept: string;
  /** The account that the error is to name, asked for after the work. */
  readonly username?: () => string | undefined;
  /** Lets it happen. */
  readonly force?: boolean;
}

/**
 * Does work on accounts within a transaction, which this error is to undo.
 *
 * @throws CommandError of code `last_superuser` where it leaves no active superuser, and there was one before.
 */
export async function keepingSuperuser<T>(
  bound: DbContext,
  { kept, username, force = false }: KeepOptions,
  work: () => Promise<T>,
): Promise<T> {
  const had = !force && (await hasActiveSuperuser(bound));
  const result = await work();
  if (!had || (await hasActiveSuperuser(bound))) return result;
  const name = username?.();
  throw new CommandError(`${name === undefined ? 'This' : `User '${name}'`} is the last active superuser; ${kept}.`, {
    code: 'last_superuser',
  });
}
