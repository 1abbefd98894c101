import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { catalogueSql } from '../helpers/catalogue.js';
import { createDatabase, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

const opened: TestDatabase[] = [];
afterEach(async () => {
  for (const db of opened.splice(0)) await db.drop();
});

async function database(from: 'empty' | 'sample'): Promise<TestDatabase> {
  const db = await createDatabase('mariadb', { from });
  opened.push(db);
  return db;
}

/** The tables that migrations make, object by object; the sample has those of an app of its own besides. */
async function schemaOf(db: TestDatabase): Promise<unknown[]> {
  const rows = await db.query(catalogueSql.mariadb);
  return rows.filter(({ object }) => !/ blogapp_/.test(String(object)));
}

test("the tables are Django's, object by object", async () => {
  const [made, django] = [await database('empty'), await database('sample')];
  expect(await manage(['migrate', '-v0'], { db: made })).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await schemaOf(made)).toEqual(await schemaOf(django));
});

test.each([1, 3, 6, 9])('a run that is killed once there are %i tables goes on from there', async (tables) => {
  const [db, django] = [await database('empty'), await database('sample')];
  const count = async () => {
    const [row] = await db.query('SELECT count(*) AS n FROM information_schema.tables WHERE table_schema = database()');
    return Number(row?.n);
  };
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../bin/manage.js'), 'migrate', '-v0'], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, DATABASE_URL: db.url },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  while (child.exitCode === null && (await count()) < tables) await sleep(1);
  child.kill('SIGKILL');
  await ended;
  expect(await manage(['migrate', '-v0'], { db })).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await manage(['migrate', '--check'], { db })).toMatchObject({ exitCode: 0 });
  expect(await schemaOf(db)).toEqual(await schemaOf(django));
});
