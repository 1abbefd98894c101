import { afterEach, expect, test } from 'vitest';
import { connect } from '../../src/db/connect.js';
import type { Connection } from '../../src/db/connection.js';
import { insertRow, selectRows, updateRow } from '../../src/db/rows.js';
import { transaction } from '../../src/db/transaction.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import { createDatabase, forEachEngine, sqliteDriver, type TestDatabase } from '../helpers/databases.js';

const registry = createRegistry(coreApps);
const opened: (TestDatabase | Connection)[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await ('close' in each ? each.close() : each.drop());
});

forEachEngine((engine) => {
  test('reads, adds and changes rows of the database that Django made', async () => {
    const database = await createDatabase(engine, { from: 'sample' });
    opened.push(database);
    const connection = await connect(database.settings, registry, { driver: sqliteDriver });
    opened.push(connection);
    const now = new Date('2026-11-21T10:00:00.018Z');
    const pk = await transaction(connection, async (db) =>
      insertRow(connection, db, registry.userModel, { username: 'ivy', password: '!' }, { now }),
    );
    const [row] = await selectRows(connection, connection.db, registry.userModel, { username: 'ivy' });
    expect(row).toMatchObject({
      id: pk,
      is_active: true,
      is_staff: false,
      last_login: null,
      date_joined: '2026-11-21T10:00:00.018000+00:00',
    });
    expect(await updateRow(connection, connection.db, registry.userModel, pk, { email: 'ivy@example.org' })).toBe(1);
    expect(await database.query('SELECT email, is_active FROM auth_user WHERE username = ?', ['ivy'])).toEqual([
      { email: 'ivy@example.org', is_active: engine === 'sqlite' ? 1 : true },
    ]);
  });
});
