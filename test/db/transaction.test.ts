import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { plainRows } from '../../src/db/connect/client.js';
import type { Connection, Executor } from '../../src/db/connect/connection.js';
import { transaction } from '../../src/db/transactions/transaction.js';
import { useConnections } from '../helpers/connections.js';
import { type Engine, forEachEngine, sqliteDriver } from '../helpers/databases.js';

const open = useConnections();

const TABLES: Record<Engine, string[]> = {
  sqlite: [
    'CREATE TABLE parent (id integer PRIMARY KEY)',
    'CREATE TABLE child (id integer PRIMARY KEY, parent_id integer NOT NULL REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)',
  ],
  postgres: [
    'CREATE TABLE parent (id integer PRIMARY KEY)',
    'CREATE TABLE child (id integer PRIMARY KEY, parent_id integer NOT NULL REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)',
  ],
  mariadb: [
    'CREATE TABLE parent (id integer PRIMARY KEY)',
    'CREATE TABLE child (id integer PRIMARY KEY, parent_id integer NOT NULL REFERENCES parent (id))',
  ],
};

async function family(engine: Engine) {
  const opened = await open(engine);
  for (const sql of TABLES[engine]) await opened.connection.db.raw(sql);
  return opened;
}

async function expectUsable({ db, dialect }: Connection): Promise<void> {
  await db('parent').insert({ id: 900 });
  await transaction({ db, dialect }, ({ db: executor }) => executor('parent').where({ id: 900 }).delete());
}

forEachEngine((engine) => {
  test('commits what was done, with the builder and with raw SQL', async () => {
    const { connection, database } = await family(engine);
    const result = await transaction(connection, async ({ db }) => {
      // References are checked at the end where that is possible.
      if (engine !== 'mariadb') await db('child').insert({ id: 1, parent_id: 7 });
      await db.raw('INSERT INTO parent (id) VALUES (?)', [7]);
      if (engine === 'mariadb') await db('child').insert({ id: 1, parent_id: 7 });
      return 'done';
    });
    expect(result).toBe('done');
    expect(await database.query('SELECT id, parent_id FROM child')).toEqual([{ id: 1, parent_id: 7 }]);
  });

  test('rolls back after an error, and the connection works', async () => {
    const { connection, database } = await family(engine);
    const failure = new Error('no');
    const work = transaction(connection, async ({ db }) => {
      await db('parent').insert({ id: 1 });
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
    expect(await database.query('SELECT id FROM parent')).toEqual([]);
    await expectUsable(connection);
  });

  test('rolls back after a failed statement, and the connection works', async () => {
    const { connection, database } = await family(engine);
    const work = transaction(connection, async ({ db }) => {
      await db('parent').insert({ id: 1 });
      await db('parent').insert({ id: 1 });
    });
    await expect(work).rejects.toSatisfy(connection.dialect.isUniqueViolation);
    expect(await database.query('SELECT id FROM parent')).toEqual([]);
    await expectUsable(connection);
  });

  test('checks deferred references before the commit, names the row, and writes nothing', async () => {
    const { connection, database } = await family(engine);
    const work = transaction(connection, async ({ db }) => {
      await db('parent').insert({ id: 1 });
      await db('child').insert({ id: 31, parent_id: 1 });
      await db('child').insert({ id: 32, parent_id: 4711 });
    });
    const message: Record<Engine, string> = {
      sqlite: "The row 32 of 'child' refers to a row of 'parent' that does not exist.",
      postgres:
        'A reference from one row to another would be broken in \'child\': Key (parent_id)=(4711) is not present in table "parent".',
      mariadb: "A row of 'child' would refer with 'parent_id' to a row of 'parent' that does not exist.",
    };
    await expect(work).rejects.toMatchObject({
      name: 'CommandError',
      code: 'broken_reference',
      message: message[engine],
    });
    expect(await database.query('SELECT id FROM parent')).toEqual([]);
    await expectUsable(connection);
  });

  test('does not commit after an error that was caught', async () => {
    const { connection, database } = await family(engine);
    const work = transaction(connection, async ({ db }) => {
      await db('parent').insert({ id: 1 });
      await db('parent')
        .insert({ id: 1 })
        .catch(() => undefined);
    });
    // PostgreSQL refuses everything after a failed statement; SQLite undoes that statement alone.
    if (engine === 'postgres') {
      await expect(work).rejects.toThrow('current transaction is aborted');
      expect(await database.query('SELECT id FROM parent')).toEqual([]);
    } else {
      await work;
      expect(await database.query('SELECT id FROM parent')).toEqual([{ id: 1 }]);
    }
    await expectUsable(connection);
  });

  test('has savepoints', async () => {
    const { connection, database } = await family(engine);
    await transaction(connection, async ({ db }) => {
      await db('parent').insert({ id: 1 });
      await db
        .transaction(async (savepoint) => {
          await savepoint('parent').insert({ id: 2 });
          throw new Error('back');
        })
        .catch(() => undefined);
      await db('parent').insert({ id: 3 });
    });
    expect(await database.query('SELECT id FROM parent ORDER BY id')).toEqual([{ id: 1 }, { id: 3 }]);
  });

  test('refuses at once what goes round it', async () => {
    const { connection } = await family(engine);
    const around = transaction(connection, async () => connection.db('parent').insert({ id: 1 }));
    await expect(around).rejects.toMatchObject({ code: 'outside_transaction' });
    const nested = transaction(connection, () => transaction(connection, async () => 'inner'));
    await expect(nested).rejects.toMatchObject({ code: 'outside_transaction' });
    expect(() => connection.db.transaction(async () => 'knex')).toThrow('db/transaction');
    await expectUsable(connection);
  });

  test('runs queries that are started at once in their order, also those that nobody waits for', async () => {
    const { connection, database } = await family(engine);
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    onTestFinished(() => void process.off('warning', listen));
    await transaction(connection, async ({ db }) => {
      const added = Array.from({ length: 20 }, (_, index) => db('parent').insert({ id: index + 1 }));
      const seen = Promise.all([...added, db('parent').select('id')]);
      expect((await seen).at(-1)).toHaveLength(20);
      db('parent')
        .insert({ id: 100 })
        .then(() => undefined);
    });
    expect(await database.query('SELECT id FROM parent WHERE id = 100')).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  test('code that was started inside of it may use the database afterwards', async () => {
    const { connection } = await family(engine);
    let goOn = () => {};
    const ended = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const later = await transaction(connection, async () => ({
      query: ended.then(() => connection.db('parent').select('id')),
    }));
    goOn();
    expect(await later.query).toEqual([]);
  });

  test('refuses its executor afterwards', async () => {
    const { connection } = await family(engine);
    const leaked = await transaction(connection, async ({ db }) => ({ db }));
    await expect(leaked.db('parent').select()).rejects.toMatchObject({ code: 'transaction_ended' });
  });

  test('runs two that are started at once one after the other, or side by side', async () => {
    const { connection, database } = await family(engine);
    await Promise.all(
      [1, 2, 3].map((id) =>
        transaction(connection, async ({ db }) => {
          await sleep(20);
          await db('parent').insert({ id });
        }),
      ),
    );
    expect(await database.query('SELECT id FROM parent ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  });

  test('reads one state in a snapshot, and writes nothing', async () => {
    const { connection, database } = await family(engine);
    if (engine === 'sqlite') await database.query('PRAGMA journal_mode = WAL');
    await connection.db('parent').insert({ id: 1 });
    const counts = await transaction(
      connection,
      async ({ db }) => {
        const before = await db('parent').select('id');
        await database.query('INSERT INTO parent (id) VALUES (2)');
        return [before.length, (await db('parent').select('id')).length];
      },
      { mode: 'snapshot' },
    );
    expect(counts).toEqual([1, 1]);
    expect(await connection.db('parent').select('id')).toHaveLength(2);
    const write = transaction(connection, ({ db }) => db('parent').insert({ id: 3 }), { mode: 'snapshot' });
    await expect(write).rejects.toMatchObject({ code: 'database_read_only' });
    await expectUsable(connection);
  });

  test('takes the snapshot at the beginning, not with the first query', async () => {
    const { connection, database } = await family(engine);
    if (engine === 'sqlite') await database.query('PRAGMA journal_mode = WAL');
    const count = await transaction(
      connection,
      async ({ db }) => {
        await database.query('INSERT INTO parent (id) VALUES (2)');
        return (await db('parent').select('id')).length;
      },
      { mode: 'snapshot' },
    );
    expect(count).toBe(0);
  });

  test('makes tables anew in a schema transaction without losing what refers to them', async () => {
    const { connection, database } = await family(engine);
    await connection.db('parent').insert({ id: 1 });
    await connection.db('child').insert({ id: 1, parent_id: 1 });
    await transaction(
      connection,
      async ({ db }) => {
        if (engine === 'sqlite') {
          await db.raw('CREATE TABLE new_parent (id integer PRIMARY KEY, name text)');
          await db.raw('INSERT INTO new_parent (id) SELECT id FROM parent');
          await db.raw('DROP TABLE parent');
          await db.raw('ALTER TABLE new_parent RENAME TO parent');
        } else {
          await db.raw('ALTER TABLE parent ADD COLUMN name text');
        }
      },
      { mode: 'schema' },
    );
    expect(await database.query('SELECT id, name FROM parent')).toEqual([{ id: 1, name: null }]);
    expect(await database.query('SELECT id FROM child')).toEqual([{ id: 1 }]);
    const orphan = connection.db('child').insert({ id: 2, parent_id: 99 });
    await expect(orphan).rejects.toMatchObject({ code: 'broken_reference' });
  });

  test('refuses references that a schema transaction breaks, and not those that were broken before', async () => {
    const { connection, database } = await family(engine);
    if (engine === 'sqlite') await database.query('INSERT INTO child (id, parent_id) VALUES (50, 51)');
    const breaks = transaction(connection, ({ db }) => db('child').insert({ id: 2, parent_id: 99 }), {
      mode: 'schema',
    });
    await expect(breaks).rejects.toMatchObject({ code: 'broken_reference', message: expect.stringContaining('child') });
    await transaction(connection, ({ db }) => db('parent').insert({ id: 5 }), { mode: 'schema' });
    expect(await database.query('SELECT id FROM parent')).toEqual([{ id: 5 }]);
  });

  test('rolls back when the connection is closed in the middle', async () => {
    const { connection, database, again } = await family(engine);
    let outcome: Promise<unknown> | undefined;
    await new Promise<void>((resolve) => {
      const work = transaction(connection, async ({ db }) => {
        await db('parent').insert({ id: 1 });
        resolve();
        for (;;) await db.raw('SELECT 1');
      });
      outcome = work.catch((error: unknown) => error);
    });
    await connection.close();
    expect(await outcome).toBeInstanceOf(Error);
    expect(await database.query('SELECT id FROM parent')).toEqual([]);
    await connection.close();
    await expectUsable(await again());
  });
});

test('a broken reference from a table without rowid is still an error that names the table', async () => {
  const { connection } = await open('sqlite');
  await connection.db.raw('CREATE TABLE parent (id integer PRIMARY KEY)');
  await connection.db.raw(
    'CREATE TABLE child (id text PRIMARY KEY, parent_id integer REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED) WITHOUT ROWID',
  );
  const work = transaction(connection, async ({ db }) => {
    await db('child').insert([
      { id: 'a', parent_id: 1 },
      { id: 'b', parent_id: 1 },
    ]);
  });
  await expect(work).rejects.toThrow("A row of 'child' refers to a row of 'parent' that does not exist (and 1 more)");
});

test('SQLite: a table that is made anew keeps what was broken before, and no more', async () => {
  const { connection, database } = await open('sqlite');
  const CHILD = 'id text PRIMARY KEY, parent_id integer REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED';
  await connection.db.raw('CREATE TABLE parent (id integer PRIMARY KEY)');
  await connection.db.raw(`CREATE TABLE child (${CHILD})`);
  await connection.db.raw(`CREATE TABLE twin (${CHILD}) WITHOUT ROWID`);
  for (const id of [1, 2, 3])
    await database.query('INSERT INTO child (rowid, id, parent_id) VALUES (?, ?, 9)', [id * 10, id]);
  await database.query("INSERT INTO twin (id, parent_id) VALUES ('a', 9)");
  await transaction(
    connection,
    async ({ db }) => {
      await db.raw(`CREATE TABLE "new_child" (${CHILD})`);
      await db.raw('INSERT INTO new_child SELECT id, parent_id FROM child');
      await db.raw('DROP TABLE child');
      await db.raw('ALTER TABLE new_child RENAME TO child');
    },
    { mode: 'schema' },
  );
  expect(await database.query('SELECT rowid FROM child')).toEqual([{ rowid: 1 }, { rowid: 2 }, { rowid: 3 }]);
  for (const table of ['child', 'twin']) {
    const more = transaction(connection, ({ db }) => db(table).insert({ id: 'z', parent_id: 9 }), { mode: 'schema' });
    await expect(more).rejects.toMatchObject({
      code: 'broken_reference',
      message: expect.stringContaining(`'${table}'`),
    });
  }
});

test('SQLite: what another program has locked is an error of one sentence, and the connection works afterwards', async () => {
  const { connection, again } = await family('sqlite');
  await connection.db.raw('PRAGMA busy_timeout = 20');
  const other = await again();
  await transaction(other, async () => {
    const work = transaction(connection, ({ db }) => db('parent').insert({ id: 1 }));
    await expect(work).rejects.toMatchObject({
      code: 'database_locked',
      message: expect.stringMatching(/^The database '.*db\.sqlite3' is locked: another program is writing to it\.$/),
    });
  });
  await connection.db.raw('PRAGMA busy_timeout = 5000');
  await expectUsable(connection);
});

test('SQLite: a COMMIT that finds a reader in its way rolls back and leaves the connection usable', async () => {
  const { connection, database, again } = await family('sqlite');
  await connection.db.raw('PRAGMA busy_timeout = 20');
  const reader = await again();
  await transaction(
    reader,
    async ({ db }) => {
      await db('parent').select();
      const work = transaction(connection, ({ db: writer }) => writer('parent').insert({ id: 1 }));
      await expect(work).rejects.toMatchObject({ code: 'database_locked' });
    },
    { mode: 'snapshot' },
  );
  expect(await database.query('SELECT id FROM parent')).toEqual([]);
  await expectUsable(connection);
});

test('SQLite: a full disk is an error of one sentence, and the connection works afterwards', async () => {
  const { connection } = await family('sqlite');
  await connection.db.raw('CREATE TABLE big (data text)');
  await connection.db.raw('PRAGMA max_page_count = 20');
  const work = transaction(connection, ({ db }) => db('big').insert({ data: 'x'.repeat(1_000_000) }));
  await expect(work).rejects.toMatchObject({ code: 'disk_full' });
  await connection.db.raw('PRAGMA max_page_count = 100000');
  await expectUsable(connection);
});

test('SQLite: the connection keeps its settings when it is opened anew', async () => {
  const { connection } = await family('sqlite');
  expect(await connection.db.raw('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }]);
  expect(await connection.db.raw('PRAGMA busy_timeout')).toEqual([{ timeout: 5000 }]);
  expect(await connection.db.raw('PRAGMA query_only')).toEqual([{ query_only: 0 }]);
  expect(sqliteDriver).toMatch(/sqlite/);
});

test('PostgreSQL: a backend that is killed is an error of one sentence, and the next query has a new connection', async () => {
  const { connection, database } = await family('postgres');
  const work = transaction(connection, async ({ db }) => {
    await db('parent').insert({ id: 1 });
    const { rows } = await db.raw<{ rows: { pid: number }[] }>('SELECT pg_backend_pid() AS pid');
    await database.query('SELECT pg_terminate_backend(?)', [rows[0]?.pid]);
    await db('parent').insert({ id: 2 });
  });
  await expect(work).rejects.toMatchObject({ name: 'CommandError', code: 'connection_lost' });
  expect(await database.query('SELECT id FROM parent')).toEqual([]);
  await expectUsable(connection);
});

test('PostgreSQL: a connection that is killed while it is idle is replaced', async () => {
  const { connection, database } = await family('postgres');
  const { client } = connection.db;
  const idle: pg.Client & { readonly processID: number } = await client.acquireConnection();
  const ended = new Promise((resolve) => idle.once('end', () => resolve(undefined)));
  await client.releaseConnection(idle);
  await database.query('SELECT pg_terminate_backend(?)', [idle.processID]);
  await ended;
  await expectUsable(connection);
});

test('PostgreSQL: a connection that is killed before a query was built is replaced', async () => {
  const { connection, database } = await open('postgres', { from: 'sample' });
  const pidOf = () => plainRows<{ pid: number }>(connection.db, 'SELECT pg_backend_pid() AS pid');
  const [before] = await pidOf();
  await database.query('SELECT pg_terminate_backend(?)', [before?.pid]);
  const after = () => pidOf().catch(() => [before]);
  await expect.poll(after).toEqual([{ pid: expect.not.toBeOneOf([before?.pid]) }]);
});

test('PostgreSQL: an error never shows the contents of the row', async () => {
  const { connection } = await open('postgres', { from: 'sample' });
  const error: unknown = await connection
    .db('auth_user')
    .insert({ username: 'x', password: 'pbkdf2_sha256$secret' })
    .catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(Error);
  expect(`${error instanceof Error && error.message} ${JSON.stringify(error)}`).not.toContain('secret');
});

test('nothing is written once SQLite has ended the transaction by itself', async () => {
  const { connection, database } = await family('sqlite');
  await connection.db.raw(
    "CREATE TRIGGER ends BEFORE INSERT ON parent WHEN new.id = 2 BEGIN SELECT raise(ROLLBACK, 'stop'); END",
  );
  const add = (db: Executor, id: number) => db.raw('INSERT INTO parent (id) VALUES (?)', [id]);
  const work = transaction(connection, async ({ db }) => {
    await add(db, 1);
    await db.transaction((inner) => add(inner, 2)).catch(() => {});
    await db.transaction((inner) => add(inner, 3)).catch(() => {});
    await add(db, 4);
  });
  await expect(work).rejects.toMatchObject({
    code: 'transaction_lost',
    message: 'The database ended the transaction by itself: stop.',
  });
  expect(await database.query('SELECT id FROM parent')).toEqual([]);
  await expectUsable(connection);
});

test('after an error that leaves the transaction open, it goes on', async () => {
  const { connection, database } = await family('sqlite');
  await transaction(connection, async ({ db }) => {
    await db('parent').insert({ id: 1 });
    await db('parent')
      .insert({ id: 1 })
      .catch(() => {});
    await db('parent').insert({ id: 2 });
  });
  expect(await database.query('SELECT id FROM parent ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
});
