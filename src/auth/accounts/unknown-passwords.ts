import type { Connection } from '../../db/connect/connection.js';
import { not } from '../../db/read/expressions.js';
import { knownAlgorithms, passwordState } from '../passwords/hashers.js';
import { userModelOf } from './user-model.js';

/**
 * Names of accounts whose stored password is in no known format, such as plain text or the hash of another system: nobody can log
 * in with one. In the order of their keys, of the first `atMost` accounts that may be meant.
 */
export async function findUnknownPasswords(
  { db, dialect, registry }: Connection,
  { atMost = 10_000 }: { readonly atMost?: number } = {},
): Promise<string[]> {
  const { model, username, password } = userModelOf(registry);
  const query = db(model.table)
    .select({ name: username.column, encoded: password.column })
    .where(password.column, '<>', '')
    .orderBy(model.primaryKey.column)
    .limit(atMost);
  for (const start of ['!', ...knownAlgorithms.map((algorithm) => `${algorithm}$`)]) {
    query.whereRaw(not(db, dialect.startsWith(db, password.column, start)));
  }
  const rows: { name: unknown; encoded: unknown }[] = await query;
  return rows.filter(({ encoded }) => passwordState(String(encoded)) === 'unknown').map(({ name }) => String(name));
}
