import { expect, it } from 'vitest';
import { readCatalogue, without } from '../helpers/catalogue.js';
import { useConnections } from '../helpers/connections.js';
import { createDatabase, forEachEngine } from '../helpers/databases.js';
import { before, migrateTo } from '../helpers/migrations.js';
import { goldenStates, readState } from '../helpers/states.js';

forEachEngine((engine) => {
  const open = useConnections();
  const { order, forwards, backwards } = goldenStates(engine);

  it("makes the schema of Django's sample database, object by object", async () => {
    const { connection, database } = await open(engine);
    const sample = await createDatabase(engine, { from: 'sample' });
    const result = await migrateTo(connection);
    expect(result.applied).toEqual(order);
    expect(await readCatalogue(database)).toEqual(without(await readCatalogue(sample), /blogapp/));
    await sample.drop();
  });

  it('is at every state what Django is, forwards and backwards', async () => {
    const { connection, database } = await open(engine);
    for (const key of order) {
      await migrateTo(connection, key);
      expect({ key, ...(await readState(database)) }).toEqual({ key, ...forwards[key] });
    }
    for (const key of order.toReversed()) {
      await migrateTo(connection, before(order, key));
      expect({ key, ...(await readState(database)) }).toEqual({ key, ...backwards[key] });
    }
  });

  it('comes from every state that Django may have left back to the newest', async () => {
    const { connection, database } = await open(engine);
    await migrateTo(connection);
    const newest = (await readState(database)).schema;
    for (const key of order.toReversed()) {
      await migrateTo(connection, before(order, key));
      await migrateTo(connection);
      expect({ key, schema: (await readState(database)).schema }).toEqual({ key, schema: newest });
    }
  });

  it('gives content types and permissions the keys that Django gives them', async () => {
    const { connection, database } = await open(engine);
    await migrateTo(connection);
    expect(await database.query('SELECT id, app_label, model FROM django_content_type ORDER BY id')).toEqual(
      [
        ['admin', 'logentry'],
        ['auth', 'permission'],
        ['auth', 'group'],
        ['auth', 'user'],
        ['contenttypes', 'contenttype'],
        ['sessions', 'session'],
      ].map(([app_label, model], index) => ({ id: index + 1, app_label, model })),
    );
    const permissions = await database.query('SELECT * FROM auth_permission ORDER BY id');
    expect(permissions).toHaveLength(24);
    expect(permissions.slice(0, 5)).toEqual([
      { id: 1, content_type_id: 1, codename: 'add_logentry', name: 'Can add log entry' },
      { id: 2, content_type_id: 1, codename: 'change_logentry', name: 'Can change log entry' },
      { id: 3, content_type_id: 1, codename: 'delete_logentry', name: 'Can delete log entry' },
      { id: 4, content_type_id: 1, codename: 'view_logentry', name: 'Can view log entry' },
      { id: 5, content_type_id: 2, codename: 'add_permission', name: 'Can add permission' },
    ]);
  });
});
