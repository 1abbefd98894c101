import type { Executor } from '../src/db/connect/connection.js';
import type { Value } from '../src/db/dialect/dialect.js';
import { CommandError } from '../src/errors.js';
import { batchSize, columnOf, type Seeding } from '../src/rows/populate/seeding.js';
import { type SessionOwner, sessionMaker } from '../src/rows/populate/session-rows.js';
import { seededUsers } from '../src/rows/populate/users.js';
import { sessionTable } from '../src/sessions/store/table.js';

export const dependencies = ['users'];

/** Logs active accounts in, in turn: those of this run, else some of those that exist. Writes a key again that it has written. */
export async function seed(knex: Executor, seeding: Seeding): Promise<void> {
  const { options, made } = seeding;
  const { sessions } = options;
  if (sessions === 0) return;
  const makeSession = await sessionMaking(knex, seeding);
  let seen = 0;
  for await (const users of seededUsers(seeding)) {
    seen += users.length;
    const due = made.users > 0 ? Math.round((sessions * seen) / made.users) : sessions;
    await insertSessions(
      seeding,
      users.filter(({ active }) => active),
      due,
      makeSession,
    );
    seeding.advance();
  }
  if (made.sessions === 0) {
    throw new CommandError('There are no active users to make sessions for.', {
      code: 'no_users',
      hint: 'Make some users first.',
    });
  }
}

async function sessionMaking(knex: Executor, { connection, options, faker }: Seeding) {
  const { secretKey, seed, now, sessionAge: age } = options;
  if (secretKey === undefined) {
    throw new CommandError('Sessions cannot be made without a secret key.', {
      code: 'missing_secret_key',
      hint: 'Set SECRET_KEY to the one of your site, or make no sessions.',
    });
  }
  const [row] = await knex(sessionTable(connection.registry).model.table).count({ count: '*' });
  return sessionMaker({
    secretKey,
    age,
    now,
    seed: seed === undefined ? undefined : `${seed} ${Number(row?.count ?? 0)}`,
    random: () => faker.number.float({ min: 0, max: 1 }),
  });
}

/** Makes sessions of these users until there are `due` of them. */
async function insertSessions(
  { connection, bulk, writes, made }: Seeding,
  owners: readonly SessionOwner[],
  due: number,
  makeSession: (owner: SessionOwner, number: number) => Value[],
): Promise<void> {
  if (owners.length === 0) return;
  const { model, key, data, expires } = sessionTable(connection.registry);
  const columns = [key, data, expires].map((field) => columnOf(connection, field));
  const first = made.sessions;
  while (made.sessions < due) {
    const rows: Value[][] = [];
    for (const end = Math.min(made.sessions + batchSize, due); made.sessions < end; made.sessions++) {
      const owner = owners[(made.sessions - first) % owners.length];
      if (owner !== undefined) rows.push(makeSession(owner, made.sessions));
    }
    const update = [data.column, expires.column];
    const table = { table: model.table, columns, rows };
    await writes.add(() => bulk.upsert(connection.db, table, { key: key.column, update }));
  }
}
