import type { Connection as RawConnection } from 'mysql2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openConnection } from '../../src/db/engines/mariadb/connection.js';
import { openLease } from '../../src/db/engines/mariadb/lease.js';
import { serversOf } from '../../src/db/engines/mariadb/server.js';
import { createDatabase, type TestDatabase } from '../helpers/databases.js';

// How runs are kept apart on a cluster: a row does the same on one server.

let db: TestDatabase;
const opened: RawConnection[] = [];

beforeEach(async () => {
  db = await createDatabase('mariadb');
});
afterEach(async () => {
  for (const connection of opened.splice(0)) connection.destroy();
  await db.drop();
});

async function open(): Promise<RawConnection> {
  const { target } = db.settings;
  if (target.engine !== 'mariadb') throw new Error('This is another engine.');
  const [server] = await serversOf(target);
  const connection = await openConnection({ target, server });
  opened.push(connection);
  return connection;
}

const lease = async (name = 'load') => openLease(await open(), open, (error) => error, name);
const expire = () => db.query('UPDATE manage_lock SET until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND');

test('one run has it, the next one once that is given back', async () => {
  const [first, second, other] = [await lease(), await lease(), await lease('clear')];
  expect([await first.tryAcquire(), await second.tryAcquire(), await other.tryAcquire()]).toEqual([true, false, true]);
  expect([first.isHeld(), second.isHeld()]).toEqual([true, false]);
  await second.release();
  expect(await db.query('SELECT name FROM manage_lock ORDER BY name')).toEqual([{ name: 'clear' }, { name: 'load' }]);
  await first.release();
  const third = await lease();
  expect(await third.tryAcquire()).toBe(true);
  await third.release();
  await other.release();
  expect(await db.query('SELECT * FROM manage_lock')).toEqual([]);
});

test('what a run leaves that was killed is taken over when its time is up, and not before', async () => {
  const [dead, next] = [await lease(), await lease()];
  expect(await dead.tryAcquire()).toBe(true);
  expect(await next.tryAcquire()).toBe(false);
  await expire();
  expect(await next.tryAcquire()).toBe(true);
  // One that was only asleep has lost it, and does not take it from the other one.
  expect(await dead.regain()).toBe(false);
  expect(dead.isHeld()).toBe(false);
  await dead.release();
  expect(next.isHeld()).toBe(true);
  expect(await db.query('SELECT name FROM manage_lock')).toEqual([{ name: 'load' }]);
  await next.release();
});

test('of several that take it over at once one has it', async () => {
  const dead = await lease();
  expect(await dead.tryAcquire()).toBe(true);
  await expire();
  const runs = await Promise.all([lease(), lease(), lease(), lease()]);
  const taken = await Promise.all(runs.map((run) => run.tryAcquire()));
  expect(taken.filter(Boolean)).toHaveLength(1);
  for (const run of [...runs, dead]) await run.release();
});
