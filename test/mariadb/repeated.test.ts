import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Terminal } from '../../src/command.js';
import { createDifferences } from '../../src/commands/reports/load.js';
import { connect } from '../../src/db/connect/connect.js';
import { repeatableStatement, transaction } from '../../src/db/transactions/transaction.js';
import { openFixtures } from '../../src/fixtures/find/open-fixtures.js';
import { loadFixtures } from '../../src/fixtures/load/load-fixtures.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import { clear } from '../../src/rows/clear.js';
import { populate } from '../../src/rows/populate/populate.js';
import { builtInSeeds, type Seed } from '../../src/rows/seeds.js';
import { createDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

test('populate_db makes the same where the server lets another transaction go first', async () => {
  const made: unknown[] = [];
  for (const conflicts of [0, 2]) {
    const db = await createDatabase('mariadb');
    await manage(['migrate', '-v0'], { db });
    const connection = await connect(db.settings, createRegistry(coreApps));
    let failures = 0;
    const last: Seed = {
      name: 'last',
      file: 'last.js',
      builtIn: false,
      dependencies: [],
      seed() {
        failures += 1;
        if (failures <= conflicts) throw Object.assign(new Error('Deadlock found'), { errno: 1213 });
      },
    };
    const options = { users: 20, groups: 3, sessions: 0, logEntries: 0, seed: 7, sessionAge: 1000, now: new Date() };
    const { users } = await populate(connection, options, [...(await builtInSeeds()), last]);
    expect([users, failures]).toEqual([20, conflicts + 1]);
    made.push(await db.query('SELECT username, password, email FROM auth_user ORDER BY username'));
    await connection.close();
    await db.drop();
  }
  expect(made[1]).toEqual(made[0]);
});

/** Fails as often as it is said to, as a node of a cluster does whose change came too late. */
function givesWay<T>(times: number, work: () => T): () => Promise<T> {
  let left = times;
  return async () => {
    left -= 1;
    if (left >= 0) throw Object.assign(new Error('Deadlock found'), { errno: 1213 });
    return work();
  };
}

test('clear goes on where another node was first, and rows that refer to each other go together', async () => {
  const db = await createDatabase('mariadb');
  await db.query('CREATE TABLE kin (id int PRIMARY KEY, mother_id int NULL REFERENCES kin (id))');
  await db.query('INSERT INTO kin VALUES (1, NULL), (2, 1), (3, 2), (4, 4)');
  const connection = await connect(db.settings, createRegistry(coreApps));
  const steps = [{ table: 'kin', where: 'id < 4', together: true }];
  const part = givesWay(2, () => steps);
  const progress: number[] = [];
  const plan = { steps: [{ table: 'kin', where: 'id = 4', together: true }], parts: [part] };
  const cleared = await clear(connection, plan, { onProgress: (done) => progress.push(done) });
  expect([cleared, progress]).toEqual([[{ table: 'kin', rows: 4 }], [3, 4]]);
  expect(await db.query('SELECT * FROM kin')).toEqual([]);
  await connection.close();
  await db.drop();
});

test('a single statement is sent again, and one within a transaction is not', async () => {
  const db = await createDatabase('mariadb');
  const connection = await connect(db.settings, createRegistry(coreApps));
  expect(
    await repeatableStatement(
      connection,
      givesWay(3, () => 'done'),
    ),
  ).toBe('done');
  const within = transaction(connection, (bound) =>
    repeatableStatement(
      bound,
      givesWay(1, () => 'done'),
    ),
  );
  await expect(within).rejects.toThrow('Deadlock found');
  await connection.close();
  await db.drop();
});

test('loaddata --diff shows what it has changed once, however often it began', async () => {
  const db = await createDatabase('mariadb');
  await manage(['migrate', '-v0'], { db });
  const connection = await connect(db.settings, createRegistry(coreApps));
  const group = { model: 'auth.group', pk: 1, fields: { name: 'ops', permissions: [] } };
  const file = join(temporaryFolder(), 'groups.json');
  writeFileSync(file, JSON.stringify([group]));
  const { sources, close } = await openFixtures(connection, { root: '/', fixtureDirs: [] }, [file], { cwd: '/' });
  let shown = '';
  const terminal = {
    json: false,
    async write(text: string | Uint8Array) {
      shown += Buffer.from(text);
    },
  };
  const differences = await createDifferences(terminal as unknown as Terminal);
  let conflicts = 2;
  const { objects } = await loadFixtures(
    connection,
    { useTz: true, timeZone: 'UTC' },
    {
      sources,
      ...differences.listeners,
      async onDifference(each) {
        await differences.listeners.onDifference(each);
        conflicts -= 1;
        if (conflicts >= 0) throw Object.assign(new Error('Deadlock found'), { errno: 1213 });
      },
    },
  );
  await differences.finish();
  expect([objects, conflicts, shown]).toEqual([1, -1, 'auth.group 1 name: (new) -> "ops"\n']);
  await close();
  await connection.close();
  await db.drop();
});
