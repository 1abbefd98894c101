import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Executor } from '../../src/db/connect/connection.js';
import { snapshot } from '../../src/db/transactions/snapshot.js';
import { useConnections } from '../helpers/connections.js';
import { forEachEngine, sqliteDriver, type TestDatabase } from '../helpers/databases.js';
import { temporaryFolder } from '../helpers/manage.js';

const open = useConnections();
const writerFile = fileURLToPath(new URL('../helpers/sqlite-writer.js', import.meta.url));
/** The other driver works in the program's own thread. */
const READERS = sqliteDriver === 'sqlite3' ? 2 : 1;

/** A table of `megabytes`, in which every row has the same number. */
async function fill(database: TestDatabase, megabytes: number): Promise<void> {
  await database.query('CREATE TABLE item (id integer PRIMARY KEY, number integer NOT NULL, text text NOT NULL)');
  await database.query(
    `INSERT INTO item WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${megabytes * 100})
     SELECT i, 0, printf('%010000d', i) FROM s`,
  );
}

/** Another process that runs a statement again and again, with a pause of some milliseconds. */
function startWriter(database: TestDatabase, sql: string) {
  const { target } = database.settings;
  if (target.engine !== 'sqlite') throw new Error('There is no file to write to.');
  const child = spawn(process.execPath, [writerFile, sqliteDriver, target.filename, sql], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  return {
    pause: (ms: number) => child.stdin.write(`${ms}\n`),
    async stop() {
      child.stdin.end();
      await once(child, 'close');
      return Number(output);
    },
  };
}

async function numbers(executor: Executor): Promise<unknown[]> {
  const rows: { number: unknown }[] = await executor('item').distinct('number');
  return rows.map(({ number }) => number);
}

forEachEngine((engine) => {
  test('a small database has one reader', async () => {
    const { connection } = await open(engine);
    expect(await snapshot(connection, async (executors) => executors.length)).toBe(1);
  });
});

async function large() {
  const opened = await open('sqlite');
  await fill(opened.database, 5);
  return opened;
}

test('a large file has two readers where the driver has threads, and neither can write', async () => {
  const { connection } = await large();
  const read = await snapshot(connection, async (executors) => {
    for (const executor of executors) {
      await expect(executor('item').update({ number: 1 })).rejects.toThrow();
    }
    return Promise.all(executors.map(numbers));
  });
  expect(read).toEqual(Array.from({ length: READERS }, () => [0]));
});

test.each(['delete', 'wal'])('all readers see one state while others write, journal mode %s', async (mode) => {
  const { connection, database } = await large();
  await database.query(`PRAGMA journal_mode = ${mode}`);
  const writer = startWriter(database, 'UPDATE item SET number = number + 1 WHERE id IN (1, 250, 500)');
  const counts = new Set<number>();
  const pauses = [0, 0, 0, 0, 5, 5, 10, 10, 40, 40, 80, 80];
  /** How often the writer has come to write. */
  let written = 0;
  try {
    while (pauses.length > 0 || written <= 3) {
      writer.pause(pauses.shift() ?? 80);
      await snapshot(connection, async (executors) => {
        counts.add(executors.length);
        const read = [];
        for (let round = 0; round < 4; round++) {
          for (const executor of executors) {
            const rows: { number: number }[] = await executor('item').whereIn('id', [1, 250, 500]).select('number');
            read.push(...rows.map(({ number }) => number));
          }
          await sleep(3);
        }
        expect(new Set(read).size).toBe(1);
        [written = 0] = read;
      });
    }
  } finally {
    await writer.stop();
  }
  expect(Math.max(...counts)).toBe(READERS);
});

test.each([
  [1, READERS],
  [3, 1],
])('a commit just after the snapshot has begun, %i times, leaves %i readers of one state', async (times, readers) => {
  const { connection, database } = await large();
  await database.query('PRAGMA journal_mode = wal');
  const { dialect } = connection;
  let commits = 0;
  const begin: typeof dialect.begin = async (...args) => {
    const begun = await dialect.begin(...args);
    if (commits < times) {
      commits++;
      await database.query('UPDATE item SET number = number + 1');
    }
    return begun;
  };
  const read = await snapshot({ db: connection.db, dialect: { ...dialect, begin } }, (executors) =>
    Promise.all(executors.map(numbers)),
  );
  // Who reads alone does not begin anew.
  const expected = READERS === 1 ? 0 : times === 1 ? 1 : 2;
  expect(read).toEqual(Array.from({ length: readers }, () => [expected]));
});

test('no reader keeps writers waiting once the work has failed, or the connection is closed', async () => {
  const { connection, database } = await large();
  const failure = new Error('no');
  const failed = snapshot(connection, async (executors) => {
    await Promise.all(executors.map(numbers));
    throw failure;
  });
  await expect(failed).rejects.toBe(failure);
  await database.query('UPDATE item SET number = 1');

  const endless = `WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s) SELECT count(*) FROM s, item`;
  let interrupted = 0;
  let closing: Promise<void> | undefined;
  const closed = snapshot(connection, async (executors) => {
    const all = Promise.all(
      // The other driver would never come back from it.
      executors.map((executor) => executor.raw(READERS === 2 ? endless : 'SELECT 1').catch(() => interrupted++)),
    );
    await sleep(50);
    closing = connection.close();
    await all;
    await executors[0]('item').select('id');
  });
  await expect(closed).rejects.toMatchObject({ code: 'connection_closed' });
  await closing;
  expect(interrupted).toBe(READERS === 2 ? 2 : 0);
  await database.query('UPDATE item SET number = 2');
});

test('a file that has taken the place of the database is not read', async () => {
  const { connection, database } = await large();
  const { target } = database.settings;
  if (target.engine !== 'sqlite') throw new Error(target.engine);
  const copy = join(temporaryFolder(), 'copy.sqlite3');
  await copyFile(target.filename, copy);
  await connection.db.raw('SELECT 1');
  await rename(copy, target.filename);
  expect(await snapshot(connection, async (executors) => executors.length)).toBe(1);
});
