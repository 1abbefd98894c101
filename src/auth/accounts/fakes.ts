import type { Knex } from 'knex';
import { type AuditOptions, writeLog } from '../../audit/write.js';
import type { Connection, DbContext } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { readPages } from '../../db/read/pages.js';
import { repeatableTransaction } from '../../db/transactions/transaction.js';
import { storedField } from '../../registry/define.js';
import type { Field } from '../../registry/types.js';
import { counted } from '../../text.js';
import { fieldLabel } from './labels.js';
import { userModelOf } from './user-model.js';

export interface FakeFilter {
  /** Leaves staff or superusers as they are. */
  readonly exceptStaff?: boolean;
  readonly exceptSuperusers?: boolean;
}

interface FakeOptions extends FakeFilter, AuditOptions {
  readonly signal?: AbortSignal;
}

/** Leaves out of a query of users those that a filter leaves as they are. */
function narrowing({ dialect, db, registry }: DbContext, { exceptStaff, exceptSuperusers }: FakeFilter) {
  const { model, auth } = userModelOf(registry);
  const flags = model.fields.filter(
    ({ name }) =>
      (exceptStaff && name === 'is_staff') ||
      (exceptSuperusers && Object.hasOwn(auth.superuserValues, name) && name !== 'is_staff'),
  );
  return (query: Knex.QueryBuilder) => {
    for (const flag of flags) {
      const wanted = flag.name === 'is_staff' ? true : (auth.superuserValues[flag.name] ?? true);
      query.whereNot(`${model.table}.${flag.column}`, dialect.bind(db, flag, wanted));
    }
  };
}

/** How many users {@link replaceForAll} would change. */
export async function countForAll(connection: DbContext, filter: FakeFilter = {}): Promise<number> {
  const query = connection.db(userModelOf(connection.registry).model.table);
  narrowing(connection, filter)(query);
  const [row] = await query.count<{ count: unknown }[]>({ count: '*' });
  return Number(row?.count ?? 0);
}

/** Gives a field of many users another value, in one transaction with one entry in the log; resolves with how many there were. */
export async function replaceForAll(
  connection: Connection,
  field: Field,
  makeValue: (user: { readonly pk: Value; readonly username: string }) => Value,
  { exceptStaff = false, exceptSuperusers = false, signal, ...audit }: FakeOptions = {},
): Promise<number> {
  const { registry } = connection;
  const { model, username } = userModelOf(registry);
  const key = { name: model.primaryKey.column, field: storedField(registry, model.primaryKey) };
  return repeatableTransaction(connection, async (bound) => {
    const bulk = await bound.dialect.bulk(bound.db);
    const fields = [model.primaryKey, ...(username === model.primaryKey ? [] : [username])];
    const narrow = narrowing(bound, { exceptStaff, exceptSuperusers });
    let changed = 0;
    for await (const page of readPages(bound, bound.db, model, { fields, narrow })) {
      signal?.throwIfAborted();
      const rows = page.map(([pk, name]) => [pk ?? null, makeValue({ pk: pk ?? null, username: String(name ?? pk) })]);
      await bulk.update(bound.db, { table: model.table, columns: [key, { name: field.column, field }], rows });
      changed += rows.length;
    }
    const messages = [{ changed: { fields: [fieldLabel(model, field.name)] } }];
    const repr = counted(changed, model.verboseName);
    if (changed > 0) await writeLog(bound, [{ action: 'change', model, pk: null, repr, messages }], audit);
    return changed;
  });
}
