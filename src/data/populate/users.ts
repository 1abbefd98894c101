import type { Executor } from '../../db/connection.js';
import type { Value } from '../../db/dialect.js';
import { readRow, selectColumns } from '../../db/rows.js';
import { CommandError } from '../../errors.js';
import type { Field, Model } from '../../registry/types.js';
import { batchSize, columnOf, type Filling } from './filling.js';
import { someKeys } from './groups.js';
import type { LoggedUser } from './log-entries.js';
import { makePerson } from './people.js';
import type { SessionOwner } from './session-rows.js';
import { userMakers } from './values.js';

/** An account that sessions and links are made for. */
export interface FilledUser extends SessionOwner, LoggedUser {
  readonly active: boolean;
}

/** Makes users, some at a time. */
export async function* newUsers(filling: Filling): AsyncGenerator<FilledUser[]> {
  const { connection, executor, options, faker, bulk, writes, password } = filling;
  const { userModel: model, models } = connection.registry;
  const referred = new Map<string, Value[]>();
  for (const { to, null: optional } of model.fields) {
    const target = optional ? undefined : models.find(({ label }) => label === to);
    if (target !== undefined) referred.set(target.label, await someKeys(connection, executor, target));
  }
  const makers = userMakers({ faker, registry: connection.registry, keys: referred, password });
  const columns = makers.map(({ field }) => columnOf(connection, field));
  const nameAt = makers.findIndex(({ field }) => field.name === model.auth?.usernameField);
  const [counted] = await executor(model.table).count({ count: '*' });
  let number = Number(counted?.count ?? 0);
  let last = await lastKey(filling);
  for (let done = 0; done < options.users; ) {
    const rows: Value[][] = [];
    while (rows.length < Math.min(batchSize, options.users - done)) {
      number += 1;
      const person = makePerson(faker, { number, now: options.now });
      rows.push(makers.map(({ make }) => make(person, number)));
    }
    await writes.done();
    const nameOf = (row: readonly Value[]) => row[nameAt] ?? '';
    const taken = new Set(await namesTaken(filling, rows.map(nameOf)));
    const free = rows.filter((row) => !taken.has(nameOf(row)));
    await bulk.upsert(
      executor,
      { table: model.table, columns, rows: free },
      { key: model.primaryKey.column, update: [] },
    );
    done += free.length;
    const users = await readUsers(filling, free.map(nameOf), last);
    last = users.at(-1)?.pk ?? last;
    yield users;
  }
}

function usernameOf({ connection }: Filling): { model: Model; field: Field } {
  const { userModel: model } = connection.registry;
  const field = model.fields.find(({ name }) => name === model.auth?.usernameField);
  if (field === undefined) throw new CommandError(`The user model ${model.label} has no field for user names.`);
  return { model, field };
}

async function namesTaken(filling: Filling, names: readonly Value[]): Promise<unknown[]> {
  const { model, field } = usernameOf(filling);
  const bound = names.map((name) => filling.connection.dialect.bind(filling.executor, field, name));
  return filling.executor(model.table).whereIn(field.column, bound).pluck(field.column);
}

/** The greatest key, where keys grow; undefined for keys of other kinds, and where there are no rows. */
async function lastKey({ connection, executor }: Filling): Promise<Value | undefined> {
  const { table, primaryKey } = connection.registry.userModel;
  if (!primaryKey.type.endsWith('AutoField')) return undefined;
  const columns = selectColumns(connection, executor, [primaryKey]);
  const [row]: Record<string, unknown>[] = await executor(table)
    .select(columns)
    .orderBy(primaryKey.column, 'desc')
    .limit(1);
  return row === undefined ? undefined : (readRow(connection, [primaryKey], row)[primaryKey.name] ?? undefined);
}

/**
 * The users that were just made. Those behind the key `last` are found by the shortest way, unless another program has
 * made some as well; a query for all the names would read the whole table each time.
 */
async function readUsers(filling: Filling, names: readonly Value[], last: Value | undefined): Promise<FilledUser[]> {
  const { connection, executor } = filling;
  const { model, field } = usernameOf(filling);
  if (last !== undefined) {
    const after = connection.dialect.bind(executor, model.primaryKey, last);
    const wanted = new Set<unknown>(names);
    const users = await selectUsers(filling, (query) =>
      query.where(model.primaryKey.column, '>', after).limit(names.length),
    );
    if (users.length === names.length && users.every(({ name }) => wanted.has(name))) return users;
  }
  const bound = names.map((name) => connection.dialect.bind(executor, field, name));
  return selectUsers(filling, (query) => query.whereIn(field.column, bound));
}

async function selectUsers(
  { connection, executor }: Filling,
  narrow: (query: ReturnType<Executor>) => ReturnType<Executor>,
): Promise<FilledUser[]> {
  const { userModel: model } = connection.registry;
  const { auth, primaryKey } = model;
  const fields = model.fields.filter(
    ({ name }) =>
      name === primaryKey.name || [auth?.usernameField, auth?.passwordField, auth?.activeField].includes(name),
  );
  const query = executor(model.table)
    .select(selectColumns(connection, executor, fields))
    .orderBy(primaryKey.column);
  const rows: Record<string, unknown>[] = await narrow(query);
  return rows.map((raw) => {
    const row = readRow(connection, fields, raw);
    return {
      pk: row[primaryKey.name] ?? null,
      name: String(row[auth?.usernameField ?? ''] ?? ''),
      password: String(row[auth?.passwordField ?? ''] ?? ''),
      active: auth?.activeField === undefined || row[auth.activeField] === true,
    };
  });
}

/** Accounts that are there already: enough to spread sessions over. */
export async function* existingUsers(filling: Filling): AsyncGenerator<FilledUser[]> {
  const users = await selectUsers(filling, (query) => query.limit(batchSize));
  if (users.length > 0) yield users;
}
