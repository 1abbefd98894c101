import { userModelOf } from '../../auth/accounts/user-model.js';
import { readPages } from '../../db/read/pages.js';
import { timestampOf } from '../../db/values/moments.js';
import { findField, findModel } from '../../registry/define.js';
import { scanSessions } from '../../sessions/admin/scan.js';
import { selectionSql } from '../../sessions/admin/selection-sql.js';
import { finding } from '../checks/finding.js';
import { countOf, dayMs, type Look } from './look.js';

/** Sessions that are over and that nobody clears. */
export const expiredSessions: Look = async (connection, { now }) => {
  const { db, dialect, registry } = connection;
  const model = findModel(registry, 'sessions.session');
  const field = model === undefined ? undefined : findField(model, 'expire_date');
  if (model === undefined || field === undefined) return [];
  const before = (moment: Date) =>
    db(model.table).where(dialect.compareMoments(db, field, field.column, '<', timestampOf(moment)));
  const [expired] = await before(now).count({ count: '*' });
  const [old] = await before(new Date(now.getTime() - 2 * dayMs)).count({ count: '*' });
  if (Number(old?.count ?? 0) === 0) return [];
  const what = `Expired sessions are still there, some for more than two days (${expired?.count} of ${await countOf(connection, model.table)}): clearsessions does not run.`;
  return [finding('W070', model.table, what, 'Clear them every day.')];
};

/** Sessions of accounts that are not active: they let in again once somebody activates those, and sites of their own making may not look. */
export const inactiveSessions: Look = async (connection, { settings, now }) => {
  const { db, dialect, registry } = connection;
  const { model, auth } = userModelOf(registry);
  const active = auth.activeField === undefined ? undefined : findField(model, auth.activeField);
  const table = findModel(registry, 'sessions.session')?.table;
  if (active === undefined || table === undefined || settings.secretKey === undefined) return [];
  const inactive = new Set<string>();
  const narrow = (query: ReturnType<typeof db.queryBuilder>): void =>
    void query.where(`${model.table}.${active.column}`, dialect.bind(db, active, false));
  for await (const page of readPages(connection, db, model, { fields: [model.primaryKey], narrow }))
    for (const [pk] of page) inactive.add(String(pk));
  if (inactive.size === 0) return [];
  const { secretKey, secretKeyFallbacks, session } = settings;
  const context = { secretKey, secretKeyFallbacks, cookieAge: session.cookieAge, now };
  let count = 0;
  for await (const page of scanSessions(connection, context, {
    where: selectionSql(connection, { state: 'active' }, now),
  }))
    for (const { userId } of page) if (userId !== undefined && inactive.has(userId)) count++;
  if (count === 0) return [];
  const what = `Inactive accounts have sessions that have not expired (${count}): they let in again once the account is active.`;
  return [finding('W080', table, what, 'End them.')];
};
