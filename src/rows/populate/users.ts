import type { Executor } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { integerValue } from '../../db/values/values.js';
import { readRow, selectColumns } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { storedField } from '../../registry/define.js';
import type { Field } from '../../registry/types.js';
import { someKeys } from './links.js';
import type { LoggedUser } from './log-entries.js';
import { makePerson } from './people.js';
import { batchSize, columnOf, type Seeding } from './seeding.js';
import type { SessionOwner } from './session-rows.js';
import { userMakers } from './values.js';

/** An account that sessions, links and log entries are made for. */
export interface SeededUser extends SessionOwner, LoggedUser {
  readonly active: boolean;
}

/** An account to be: a row without the key that the database would make, and what others need to know about it. */
export interface NewUser extends SeededUser {
  readonly name: string;
  readonly row: readonly Value[];
}

/** What makes accounts, and gives them keys; a key that the database would make is in the first column. */
export async function userMaking({ connection, options, faker, bulk, password }: Seeding) {
  const { userModel: model, models } = connection.registry;
  const { auth, primaryKey } = model;
  const referred = new Map<string, Value[]>();
  for (const { to, null: optional } of model.fields) {
    const target = optional ? undefined : models.find(({ label }) => label === to);
    if (target !== undefined) referred.set(target.label, await someKeys(connection, target));
  }
  const makers = userMakers({ faker, registry: connection.registry, keys: referred, password });
  const generated = makers.every(({ field }) => field !== primaryKey);
  const place = (name: string | undefined) => makers.findIndex(({ field }) => field.name === name);
  const [keyAt, nameAt, activeAt] = [primaryKey.name, auth?.usernameField, auth?.activeField].map(place);
  const at = (row: readonly Value[], index = -1) => row[index] ?? null;
  const [counted] = await connection.db(model.table).count({ count: '*' });
  let number = Number(counted?.count ?? 0);
  const wanted = { table: model.table, column: primaryKey.column, count: options.users };
  let key = generated ? await bulk.reserveKeys(connection.db, wanted) : undefined;
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

export function usernameOf({ connection }: Seeding): Field {
  const { userModel: model } = connection.registry;
  const field = model.fields.find(({ name }) => name === model.auth?.usernameField);
  if (field === undefined) throw new CommandError(`The user model ${model.label} has no field for user names.`);
  return field;
}

/**
 * The accounts that this run has made, some at a time in the order of their keys: all have its password. Where it has made
 * none, some of those that exist.
 */
export async function* seededUsers(seeding: Seeding): AsyncGenerator<SeededUser[]> {
  const { connection, password, made } = seeding;
  const { userModel: model, registry } = { userModel: connection.registry.userModel, registry: connection.registry };
  const { primaryKey, auth } = model;
  const bind = (field: Field, value: Value) =>
    connection.dialect.bind(connection.db, storedField(registry, field), value);
  const passwordField = model.fields.find(({ name }) => name === auth?.passwordField);
  let after: Value | undefined;
  for (;;) {
    const users = await selectUsers(seeding, (query) => {
      if (made.users > 0 && passwordField !== undefined) {
        query.where(passwordField.column, bind(passwordField, password));
      }
      if (after !== undefined) query.where(primaryKey.column, '>', bind(primaryKey, after));
      return query.limit(batchSize);
    });
    if (users.length > 0) yield users;
    if (users.length < batchSize || made.users === 0) return;
    after = users.at(-1)?.pk;
  }
}

async function selectUsers(
  { connection }: Seeding,
  narrow: (query: ReturnType<Executor>) => ReturnType<Executor>,
): Promise<SeededUser[]> {
  const { userModel: model } = connection.registry;
  const { auth, primaryKey } = model;
  const fields = model.fields.filter(
    ({ name }) =>
      name === primaryKey.name || [auth?.usernameField, auth?.passwordField, auth?.activeField].includes(name),
  );
  const query = connection
    .db(model.table)
    .select(selectColumns(connection, fields))
    .orderBy(`${model.table}.${primaryKey.column}`);
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
