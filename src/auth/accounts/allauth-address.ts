import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { storedField } from '../../registry/define.js';

const table = 'account_emailaddress';

/**
 * Changes the address that django-allauth keeps beside the user's own, so that logins and mails use the same: the one that
 * was there becomes the new one, unverified, as when a user changes it (allauth 65, account/models.py, EmailAddress.change).
 * Resolves with whether there was one to change.
 */
export async function moveAddress(connection: Connection, pk: Value, from: string, to: string): Promise<boolean> {
  const { db, dialect, registry } = connection;
  if (!(await dialect.tableNames(db)).includes(table)) return false;
  const { primaryKey } = registry.userModel;
  const user = dialect.bind(db, storedField(registry, primaryKey), pk);
  const rows: { id: number | string; email: string; primary: unknown }[] = await db(table)
    .select('id', 'email', 'primary')
    .where('user_id', user);
  const lower = (text: string) => text.toLowerCase();
  const old = rows.find(({ email }) => lower(email) === lower(from));
  const there = rows.find(({ email }) => lower(email) === lower(to));
  if (there !== undefined) {
    if (old === undefined || old === there) return false;
    // One address of a user may be the chief one, so the old one gives that up first.
    await db(table).where('user_id', user).update({ primary: false });
    await db(table).where('id', there.id).update({ primary: true });
    return true;
  }
  if (old === undefined) return false;
  if (to === '') await db(table).where('id', old.id).del();
  else
    await db(table)
      .where('id', old.id)
      .update({ email: lower(to), verified: false });
  return true;
}
