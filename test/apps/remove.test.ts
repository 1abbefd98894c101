import { expect, test } from 'vitest';
import { removeRows } from '../../src/apps/remove.js';
import { removeKeys } from '../../src/apps/remove-keys.js';
import { connect } from '../../src/db/connect/connect.js';
import type { Connection } from '../../src/db/connect/connection.js';
import { transaction } from '../../src/db/transactions/transaction.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry, defineApp, findModel } from '../../src/registry/define.js';
import type { Model } from '../../src/registry/types.js';
import { createDatabase, forEachEngine, sqliteDriver } from '../helpers/databases.js';

const app = defineApp({
  label: 'parts',
  models: {
    Part: {
      fields: {
        id: { type: 'AutoField', primaryKey: true },
        whole: { type: 'ForeignKey', to: 'parts.part', onDelete: 'CASCADE', null: true },
      },
    },
  },
});

forEachEngine((engine) => {
  test.each([
    ['by keys', (bound: Connection, model: Model) => removeKeys(bound, model, [1])],
    ['by a condition', (bound: Connection, model: Model) => removeRows(bound, model, (query) => query.where('id', 1))],
  ])('what refers to rows that go %s goes with them, rows of the same table and circles too', async (_, remove) => {
    const db = await createDatabase(engine);
    const later = engine === 'mariadb' ? '' : 'DEFERRABLE INITIALLY DEFERRED';
    await db.query(
      `CREATE TABLE parts_part (id integer PRIMARY KEY, whole_id integer REFERENCES parts_part (id) ${later})`,
    );
    // 1 is a part of 4, so that 1, 2 and 4 are a circle; 5 and 6 are another tree.
    await db.query('INSERT INTO parts_part VALUES (1, 4), (2, 1), (3, 2), (4, 2), (5, NULL), (6, 5)');
    const registry = createRegistry([...coreApps, app]);
    const connection = await connect(db.settings, registry, { driver: sqliteDriver });
    try {
      const model = findModel(registry, 'parts.part');
      if (model === undefined) throw new Error('There is no model.');
      await transaction(connection, (bound) => remove(bound, model));
    } finally {
      await connection.close();
    }
    expect(await db.query('SELECT id FROM parts_part ORDER BY id')).toEqual([{ id: 5 }, { id: 6 }]);
    await db.drop();
  });
});
