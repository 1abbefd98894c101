import type { Executor } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { integerValue } from '../../db/values/values.js';
import { readRow, selectColumns } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import type { Field } from '../../registry/types.js';
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

/**
 * Makes users, some at a time. What is yielded is about to be written: all that is added to the filling's writes comes
 * behind it.
 */
export async function* newUsers(filling: Filling): AsyncGenerator<FilledUser[]> {
  const { connection, executor, options, bulk, writes } = filling;
  const { userModel: model } = connection.registry;
  const make = await userMaking(filling);
  const name = columnOf(connection, usernameOf(filling));
  const taken = (users: readonly NewUser[]) => {
    const rows = users.map((user) => [user.name]);
    return writes.ask(() => bulk.existing(executor, { table: model.table, columns: [name], rows }));
  };
  const some = (done: number) => Array.from({ length: Math.min(batchSize, options.users - done) }, () => make.next());
  let made = some(0);
  let asked = taken(made);
  for (let done = 0; made.length > 0; ) {
    const there = await asked;
    const users = made.filter((user) => !there.has(user.name)).map(make.withKey);
    const rows = users.map(({ row }) => row);
    await writes.add(() => bulk.insert(executor, [{ table: model.table, columns: make.columns, rows }]));
    done += users.length;
    // The answer about the next ones is there when these have been worked on.
    made = some(done);
    if (made.length > 0) asked = taken(made);
    yield users;
  }
}

/** An account to be: a row without the key that the database would make, and what others need to know about it. */
interface NewUser extends FilledUser {
  readonly name: string;
  readonly row: readonly Value[];
}

/** What makes accounts, and gives them keys; a key that the database would make is in the first column. */
async function userMaking({ connection, executor, options, faker, bulk, password }: Filling) {
  const { userModel: model, models } = connection.registry;
  const { auth, primaryKey } = model;
  const referred = new Map<string, Value[]>();
  for (const { to, null: optional } of model.fields) {
    const target = optional ? undefined : models.find(({ label }) => label === to);
    if (target !== undefined) referred.set(target.label, await someKeys(connection, executor, target));
  }
  const makers = userMakers({ faker, registry: connection.registry, keys: referred, password });
  const generated = makers.every(({ field }) => field !== primaryKey);
  const place = (name: string | undefined) => makers.findIndex(({ field }) => field.name === name);
  const [keyAt, nameAt, activeAt] = [primaryKey.name, auth?.usernameField, auth?.activeField].map(place);
  const at = (row: readonly Value[], index = -1) => row[index] ?? null;
  const [counted] = await executor(model.table).count({ count: '*' });
  let number = Number(counted?.count ?? 0);
  const wanted = { table: model.table, column: primaryKey.column, count: options.users };
  let key = generated ? await bulk.reserveKeys(executor, wanted) : undefined;
  return {
    columns: [...(generated ? [primaryKey] : []), ...makers.map(({ field }) => field)].map((field) =>
      columnOf(connection, field),
    ),
    next(): NewUser {
      number += 1;
      const person = makePerson(faker, { number, now: options.anchor });
      const row = makers.map(({ make }) => make(person, number));
      const active = activeAt === -1 || at(row, activeAt) === true;
      return { row, pk: at(row, keyAt), name: String(at(row, nameAt)), password, active };
    },
    withKey(user: NewUser): NewUser {
      if (key === undefined) return user;
      const pk = integerValue(primaryKey, key);
      key += 1n;
      return { ...user, pk, row: [pk, ...user.row] };
    },
  };
}

function usernameOf({ connection }: Filling): Field {
  const { userModel: model } = connection.registry;
  const field = model.fields.find(({ name }) => name === model.auth?.usernameField);
  if (field === undefined) throw new CommandError(`The user model ${model.label} has no field for user names.`);
  return field;
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
  const query = executor(model.table).select(selectColumns(connection, fields)).orderBy(primaryKey.column);
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
