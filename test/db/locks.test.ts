import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { connect } from '../../src/db/connect/connect.js';
import { withLock } from '../../src/db/transactions/locks.js';
import { transaction } from '../../src/db/transactions/transaction.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import { useConnections } from '../helpers/connections.js';
import { type Engine, forEachEngine, sqliteDriver, type TestDatabase } from '../helpers/databases.js';

const open = useConnections();

const isLost = (assertHeld: () => void) => {
  try {
    assertHeld();
    return false;
  } catch {
    return true;
  }
};

/** Files beside the database. */
async function beside({ settings }: TestDatabase): Promise<string[]> {
  return settings.target.engine === 'sqlite' ? readdir(dirname(settings.target.filename)) : [];
}

forEachEngine((engine) => {
  const files: Record<Engine, string[]> = { sqlite: ['db.sqlite3'], postgres: [], mariadb: [] };

  test('keeps two runs apart, and lets each of them use the database', async () => {
    const { connection, again, database } = await open(engine);
    await connection.db.raw('CREATE TABLE log (entry text)');
    const events: string[] = [];
    const run = async (name: string, through: typeof connection) =>
      withLock(through, 'migrate', { wait: true }, async () => {
        events.push(`${name} in`);
        await transaction(through, ({ db }) => db('log').insert({ entry: name }));
        await sleep(50);
        await through.db('log').insert({ entry: name });
        events.push(`${name} out`);
        return name;
      });
    const connections = [connection, await again(), await again()];
    const results = await Promise.all(connections.map((each, index) => run(String(index), each)));
    expect(results).toEqual(['0', '1', '2']);
    for (const [index, event] of events.entries()) {
      if (index % 2 === 0) expect(events[index + 1]).toBe(event.replace('in', 'out'));
    }
    expect(await database.query('SELECT count(*) AS n FROM log')).toEqual([{ n: engine === 'sqlite' ? 6 : '6' }]);
    expect(await beside(database)).toEqual(files[engine]);
  });

  test('tells its holder when it was lost', async () => {
    const { connection, database } = await open(engine);
    const outcome: Record<Engine, string> = { sqlite: 'held', postgres: 'lock_lost', mariadb: 'lock_lost' };
    const work = withLock(connection, 'migrate', { wait: true }, async (assertHeld) => {
      assertHeld();
      if (engine === 'postgres') {
        await database.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND state = 'idle in transaction' AND query LIKE '%advisory%'`,
        );
        await expect.poll(() => isLost(assertHeld)).toBe(true);
      }
      if (engine === 'mariadb') {
        const others = await database.query(
          'SELECT id FROM information_schema.processlist WHERE db = database() AND info IS NULL AND id <> connection_id() AND id = (SELECT max(id) FROM information_schema.processlist WHERE db = database() AND id <> connection_id())',
        );
        for (const { id } of others) await database.query(`KILL ${Number(id)}`);
        await expect.poll(() => isLost(assertHeld)).toBe(true);
      }
      assertHeld();
      return 'held';
    });
    expect(await work.catch(({ code }) => code)).toBe(outcome[engine]);
  });

  test('says once that it waits, and not where it need not', async () => {
    const { connection, again } = await open(engine);
    const other = await again();
    let waits = 0;
    const onWait = () => {
      waits += 1;
    };
    await withLock(connection, 'migrate', { wait: true, onWait }, async () => {
      expect(waits).toBe(0);
      const second = withLock(other, 'migrate', { wait: true, onWait }, async () => 'second');
      await expect.poll(() => waits).toBe(1);
      await sleep(400);
      second.catch(() => undefined);
      return { second };
    }).then(async (first) => expect(await first?.second).toBe('second'));
    expect(waits).toBe(1);
  });

  test('does not wait where that is not wanted', async () => {
    const { connection, again } = await open(engine);
    const other = await again();
    await withLock(connection, 'migrate', { wait: false }, async () => {
      const refused = await withLock(other, 'migrate', { wait: false }, async () => 'ran');
      expect(refused).toBeUndefined();
      expect(await withLock(other, 'another', { wait: false }, async () => 'ran')).toBe('ran');
    });
    expect(await withLock(other, 'migrate', { wait: false }, async () => 'ran')).toBe('ran');
  });

  test('stops waiting when it is aborted', async () => {
    const { connection, again } = await open(engine);
    const other = await again();
    const abort = new AbortController();
    await withLock(connection, 'migrate', { wait: true }, async () => {
      const waiting = withLock(
        other,
        'migrate',
        { wait: true, signal: abort.signal, onWait: () => setTimeout(() => abort.abort(), 50) },
        async () => 'ran',
      );
      await expect(waiting).rejects.toMatchObject({ name: 'OperationCancelled' });
    });
    expect(await withLock(other, 'migrate', { wait: false }, async () => 'ran')).toBe('ran');
  });

  test('is free again after an error', async () => {
    const { connection } = await open(engine);
    const failure = new Error('no');
    await expect(withLock(connection, 'migrate', { wait: false }, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(await withLock(connection, 'migrate', { wait: false }, async () => 'ran')).toBe('ran');
  });

  test('is free again when the process that holds it is killed', async () => {
    const { connection, database } = await open(engine);
    const program = new URL('../helpers/lock-holder.js', import.meta.url).pathname;
    const args = [program, process.env.COMPILED_SOURCE ?? '', JSON.stringify(database.settings), sqliteDriver];
    const holder = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    expect(await withLock(connection, 'migrate', { wait: false }, async () => 'ran')).toBeUndefined();
    let waited = false;
    const onWait = () => {
      waited = true;
    };
    const waiting = withLock(connection, 'migrate', { wait: true, onWait }, async () => 'ran');
    await expect.poll(() => waited).toBe(true);
    holder.kill('SIGKILL');
    expect(await waiting).toBe('ran');
    expect(await beside(database)).toEqual(files[engine]);
  });
});

test('SQLite: a waiting run holds the lock of the file that is there, however often that is made anew', async () => {
  const { connection, again, database } = await open('sqlite');
  const connections = [connection, await again(), await again(), await again()];
  let inside = 0;
  let most = 0;
  const rounds = connections.map(async (each) => {
    for (let round = 0; round < 8; round += 1) {
      await withLock(each, 'migrate', { wait: true }, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await sleep(2);
        inside -= 1;
      });
    }
  });
  await Promise.all(rounds);
  expect(most).toBe(1);
  expect(await beside(database)).toEqual(['db.sqlite3']);
});

test('SQLite: a database in memory needs no lock', async () => {
  const connection = await connect(
    { alias: 'default', protected: false, target: { engine: 'sqlite', filename: ':memory:' } },
    createRegistry(coreApps),
    { driver: sqliteDriver },
  );
  try {
    expect(await withLock(connection, 'migrate', { wait: false }, async () => 'ran')).toBe('ran');
  } finally {
    await connection.close();
  }
});

test('PostgreSQL: the lock outlives what ends idle transactions', async () => {
  const { connection, again, database } = await open('postgres');
  const name = database.url.slice(database.url.lastIndexOf('/') + 1);
  await database.query(`ALTER DATABASE "${name}" SET idle_in_transaction_session_timeout TO '100ms'`);
  const other = await again();
  await withLock(connection, 'migrate', { wait: false }, async () => {
    await sleep(400);
    expect(await withLock(other, 'migrate', { wait: false }, async () => 'ran')).toBeUndefined();
  });
});

test('PostgreSQL: an unreachable server is an error of one sentence', async () => {
  const { connection, database } = await open('postgres');
  await database.drop();
  await expect(withLock(connection, 'migrate', { wait: true }, async () => 'ran')).rejects.toMatchObject({
    name: 'CommandError',
    code: 'missing_database',
  });
});
