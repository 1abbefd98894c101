import type { Executor } from '../src/db/connect/connection.js';
import type { Value } from '../src/db/dialect/dialect.js';
import { findModel } from '../src/registry/define.js';
import { linkColumns, permissionKeys, someKeys } from '../src/rows/populate/links.js';
import { batchSize, columnOf, type Seeding } from '../src/rows/populate/seeding.js';
import { type NewUser, type SeededUser, userMaking, usernameOf } from '../src/rows/populate/users.js';

export const dependencies = ['groups'];

/** Adds accounts with groups and permissions. Names that somebody has are passed over, so that no account is changed. */
export async function seed(_knex: Executor, seeding: Seeding): Promise<void> {
  const { connection, made } = seeding;
  const { userModel } = connection.registry;
  const membership = userModel.manyToMany.find(({ name }) => name === userModel.auth?.groups);
  const group = membership === undefined ? undefined : findModel(connection.registry, membership.to);
  const groups = group === undefined ? [] : await someKeys(connection, group);
  const permissions = await permissionKeys(connection);
  for await (const users of newUsers(seeding)) {
    made.users += users.length;
    made.memberships += await linkSome(seeding, users, userModel.auth?.groups, groups, { most: 2, share: 0.8 });
    const few = { most: 3, share: 0.03 };
    made.permissions += await linkSome(seeding, users, userModel.auth?.permissions, permissions, few);
    seeding.advance();
  }
}

/**
 * Makes users, some at a time. What is yielded is about to be written: all that is added to the writes comes behind it.
 */
async function* newUsers(seeding: Seeding): AsyncGenerator<NewUser[]> {
  const { connection, options, bulk, writes } = seeding;
  const { db } = connection;
  const { userModel: model } = connection.registry;
  const make = await userMaking(seeding);
  const name = columnOf(connection, usernameOf(seeding));
  const taken = (users: readonly NewUser[]) => {
    const rows = users.map((user) => [user.name]);
    return writes.ask(() => bulk.existing(db, { table: model.table, columns: [name], rows }));
  };
  const some = (done: number) => Array.from({ length: Math.min(batchSize, options.users - done) }, () => make.next());
  let made = some(0);
  let asked = made.length > 0 ? taken(made) : undefined;
  for (let done = 0; made.length > 0; ) {
    const there = await asked;
    const users = made.filter((user) => !there?.has(user.name)).map(make.withKey);
    const rows = users.map(({ row }) => row);
    await writes.add(() => bulk.insert(db, [{ table: model.table, columns: make.columns, rows }]));
    done += users.length;
    // The answer about the next ones is there when these have been worked on.
    made = some(done);
    if (made.length > 0) asked = taken(made);
    yield users;
  }
}

/** Links some of the users to a few of `keys` each; resolves with the number of links. */
async function linkSome(
  { connection, faker, bulk, writes }: Seeding,
  users: readonly SeededUser[],
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
  if (links.length > 0) await writes.add(() => bulk.insert(connection.db, [rows]));
  return links.length;
}
