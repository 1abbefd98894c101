import { expect, test } from 'vitest';
import { connect } from '../../src/db/connect/connect.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import { populate } from '../../src/rows/populate/populate.js';
import { builtInSeeds, type Seed } from '../../src/rows/seeds.js';
import { createDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

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
