import type { Faker } from '@faker-js/faker';
import { makePassword } from '../../auth/passwords/hashers.js';
import type { Connection, Executor } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { transaction } from '../../db/transactions/transaction.js';
import { CommandError, OperationCancelled } from '../../errors.js';
import { findModel } from '../../registry/define.js';
import { sessionTable } from '../../sessions/store/table.js';
import { alone } from '../run-lock.js';
import { loadFaker } from './faker.js';
import { batchSize, columnOf, type Filling, type PopulateOptions } from './filling.js';
import { linkColumns, makeGroups, permissionKeys, someKeys } from './groups.js';
import { type LoggedUser, logFields, makeLogEntry } from './log-entries.js';
import { sessionMaker } from './session-rows.js';
import { existingUsers, type FilledUser, newUsers } from './users.js';
import { createWrites } from './writes.js';

/** How many rows were made. */
export interface Populated {
  readonly users: number;
  readonly groups: number;
  readonly memberships: number;
  readonly permissions: number;
  readonly sessions: number;
  readonly logEntries: number;
}

/**
 * Fills a database with believable accounts, groups, permissions of both, sessions and log entries, besides what is there
 * already. All of it is one transaction; memory does not grow with the numbers. No account is a superuser's.
 *
 * @throws CommandError where tables or the secret key for sessions are missing.
 */
export async function populate(connection: Connection, options: PopulateOptions): Promise<Populated> {
  const { seed, locale = 'en' } = options;
  const faker = await loadFaker(locale, seed);
  const password = await passwordOf(options, faker);
  const times = seed === undefined ? { now: options.now, anchor: options.now } : seededTimes(options);
  const { signal } = options;
  return alone(connection, signal === undefined ? {} : { signal }, () =>
    transaction(connection, async (bound) => {
      const filling = await startFilling(bound, { ...options, ...times }, faker, password);
      return fill(filling).catch(async (error: unknown) => {
        await filling.writes.abandon();
        throw error;
      });
    }),
  );
}

const dayMs = 86_400_000;

/**
 * Times of accounts and log entries are the same in every run. Those of sessions cannot be, or all of them would be over
 * one day: they go back from the beginning of the day, or of a shorter time where sessions do not last for two weeks, so
 * that as many as ever are over.
 */
function seededTimes({ now, sessionAge }: PopulateOptions): { readonly now: Date; readonly anchor: Date } {
  const stepMs = Math.max(1, Math.min(dayMs, Math.floor((sessionAge * 1000) / 14)));
  return { now: new Date(Math.floor(now.getTime() / stepMs) * stepMs), anchor: new Date(Date.UTC(2025, 0, 1)) };
}

async function passwordOf({ password, seed, hasher }: PopulateOptions, faker: Faker): Promise<string> {
  const salt = seed === undefined ? undefined : faker.string.alphanumeric(22);
  if (password === undefined) return salt === undefined ? makePassword(null) : `!${faker.string.alphanumeric(40)}`;
  const usesSalt = salt !== undefined && (hasher === undefined || hasher.startsWith('pbkdf2'));
  return makePassword(password, { hasher, ...(usesSalt ? { salt } : {}) });
}

async function startFilling(
  connection: Connection,
  options: Filling['options'],
  faker: Faker,
  password: string,
): Promise<Filling> {
  const { db: executor } = connection;
  return {
    connection,
    executor,
    options,
    faker,
    password,
    bulk: await connection.dialect.bulk(executor),
    writes: createWrites(),
    permissions: await permissionKeys(connection, executor),
    makeSession: await sessionsOf(connection, executor, options, faker),
  };
}

async function sessionsOf(connection: Connection, executor: Executor, options: PopulateOptions, faker: Faker) {
  const { sessions, secretKey, seed, now, sessionAge: age } = options;
  if (sessions === 0) return () => [];
  if (secretKey === undefined) {
    throw new CommandError('Sessions cannot be made without a secret key.', {
      code: 'missing_secret_key',
      hint: 'Set SECRET_KEY to the one of your site, or use --sessions 0.',
    });
  }
  const [row] = await executor(sessionTable(connection.registry).model.table).count({ count: '*' });
  return sessionMaker({
    secretKey,
    age,
    now,
    seed: seed === undefined ? undefined : `${seed} ${Number(row?.count ?? 0)}`,
    random: () => faker.number.float({ min: 0, max: 1 }),
  });
}

async function fill(filling: Filling): Promise<Populated> {
  const { connection, executor, options, faker, permissions } = filling;
  const { userModel, registry } = { userModel: connection.registry.userModel, registry: connection.registry };
  const { users, sessions, signal, onProgress, anchor } = options;
  const groupsRelation = userModel.manyToMany.find(({ name }) => name === userModel.auth?.groups);
  const group = groupsRelation === undefined ? undefined : findModel(registry, groupsRelation.to);
  const made =
    group === undefined
      ? { keys: [], permissions: 0 }
      : await makeGroups(connection, executor, { faker, group, count: options.groups, permissions, now: anchor });
  const groupKeys = group === undefined ? [] : await someKeys(connection, executor, group);

  const total = users + sessions;
  const result = { users: 0, groups: made.keys.length, memberships: 0, permissions: made.permissions, sessions: 0 };
  const logged: LoggedUser[] = [];
  for await (const batch of users > 0 ? newUsers(filling) : existingUsers(filling)) {
    if (signal?.aborted) throw new OperationCancelled();
    if (users > 0) {
      result.users += batch.length;
      result.memberships += await linkSome(filling, batch, userModel.auth?.groups, groupKeys, { most: 2, share: 0.8 });
      const few = { most: 3, share: 0.03 };
      result.permissions += await linkSome(filling, batch, userModel.auth?.permissions, permissions, few);
    }
    const due = users > 0 ? Math.round((sessions * result.users) / users) : sessions;
    result.sessions += await insertSessions(filling, batch, result.sessions, due);
    if (logged.length < batchSize) logged.push(...batch);
    onProgress?.(result.users + result.sessions, total);
  }
  await filling.writes.done();
  if (sessions > 0 && result.sessions === 0) {
    throw new CommandError('There are no active users to make sessions for.', {
      code: 'no_users',
      hint: 'Make some with --users.',
    });
  }
  return { ...result, logEntries: await insertLogEntries(filling, logged) };
}

/** Links some of the users to a few of `keys` each; says how many links that makes. */
async function linkSome(
  { connection, executor, faker, bulk, writes }: Filling,
  users: readonly FilledUser[],
  name: string | undefined,
  keys: readonly Value[],
  { most, share }: { readonly most: number; readonly share: number },
): Promise<number> {
  const { userModel: model } = connection.registry;
  const relation = model.manyToMany.find((each) => each.name === name);
  if (relation === undefined || relation.through !== undefined || keys.length === 0) return 0;
  const links = users.flatMap(({ pk }) =>
    faker.number.float({ min: 0, max: 1 }) < share
      ? faker.helpers.arrayElements(keys, { min: 1, max: most }).map((key) => [pk, key])
      : [],
  );
  const rows = { table: relation.table, columns: linkColumns(connection, model, relation), rows: links };
  if (links.length > 0) await writes.add(() => bulk.insert(executor, [rows]));
  return links.length;
}

/** Makes sessions until there are `due` of them, for active users in turn; resolves with how many it made. */
async function insertSessions(
  { connection, executor, bulk, writes, makeSession }: Filling,
  users: readonly FilledUser[],
  made: number,
  due: number,
): Promise<number> {
  const owners = users.filter(({ active }) => active);
  if (owners.length === 0) return 0;
  const { model, key, data, expires } = sessionTable(connection.registry);
  const columns = [key, data, expires].map((field) => columnOf(connection, field));
  // A seed makes a key again that an earlier run has made.
  const update = [data.column, expires.column];
  for (let at = made; at < due; at += batchSize) {
    const rows: Value[][] = [];
    for (let number = at; number < Math.min(at + batchSize, due); number++) {
      const owner = owners[(number - made) % owners.length];
      if (owner !== undefined) rows.push(makeSession(owner, number));
    }
    await writes.add(() => bulk.upsert(executor, { table: model.table, columns, rows }, { key: key.column, update }));
  }
  return Math.max(0, due - made);
}

async function insertLogEntries(filling: Filling, users: readonly LoggedUser[]): Promise<number> {
  const { connection, executor, faker, bulk, options } = filling;
  const { registry } = connection;
  const model = findModel(registry, 'admin.logentry');
  if (model === undefined || users.length === 0 || options.logEntries === 0) return 0;
  const columns = logFields.map((name) => {
    const field = model.fields.find((each) => each.name === name);
    if (field === undefined) throw new CommandError(`The model ${model.label} has no field '${name}'.`);
    return columnOf(connection, field);
  });
  const types = findModel(registry, 'contenttypes.contenttype')?.table ?? 'django_content_type';
  const { app, modelName } = registry.userModel;
  const [type]: { id: number }[] = await executor(types).where({ app_label: app, model: modelName }).select('id');
  for (let done = 0; done < options.logEntries; done += batchSize) {
    const count = Math.min(batchSize, options.logEntries - done);
    const rows = Array.from({ length: count }, () =>
      makeLogEntry(faker, { users, contentType: type?.id ?? null, now: options.anchor }),
    );
    await bulk.insert(executor, [{ table: model.table, columns, rows }]);
  }
  return options.logEntries;
}
