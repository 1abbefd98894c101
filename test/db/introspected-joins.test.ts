import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect } from '../../src/db/connect/connect.js';
import { introspectApps } from '../../src/db/introspection/apps.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import { inspectDatabase } from '../../src/schema/inspect.js';
import { createDatabase, forEachEngine, sqliteDriver, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
  });
  afterEach(() => db.drop());

  const key = 'id integer PRIMARY KEY';
  const item = 'item_id integer NOT NULL REFERENCES item(id)';
  const tag = 'tag_id integer NOT NULL REFERENCES tag(id)';
  test.each([
    ['refers to itself', `${key}, ${item}, parent_id integer REFERENCES joined(id)`],
    [
      'refers to itself, unique',
      `${key}, ${item}, parent_id integer NOT NULL REFERENCES joined(id), UNIQUE (item_id, parent_id)`,
    ],
    ['has no unique pair', `${key}, ${item}, ${tag}`],
    ['has NULLs', `${key}, ${item}, tag_id integer REFERENCES tag(id), UNIQUE (item_id, tag_id)`],
    [
      'has a reference as its key',
      `item_id integer PRIMARY KEY REFERENCES item(id), ${tag}, amount integer, UNIQUE (item_id, tag_id)`,
    ],
  ])('a table that %s is a model', async (_, columns) => {
    const { models, joins } = await inspect(columns);
    expect(joins).toEqual([]);
    expect(models).toEqual(['item', 'joined', 'tag']);
  });

  test('a table with a unique pair is a relation', async () => {
    const { models, joins } = await inspect(`${key}, ${item}, ${tag}, UNIQUE (item_id, tag_id)`);
    expect(joins).toEqual(['joined']);
    expect(models).toEqual(['item', 'tag']);
  });

  test('a column named __proto__ is not lost', async () => {
    await manage(['migrate', '-v0'], { db });
    await db.query(`CREATE TABLE shop_pro (${key}, "__proto__" text, x text)`);
    await db.query(`INSERT INTO shop_pro VALUES (1, 'kept', 'y')`);
    const { stdout } = await manage(['--introspect', 'dumpdata', 'tables'], { db });
    expect(JSON.parse(stdout)).toMatchObject([{ pk: 1, fields: { __proto: 'kept', x: 'y' } }]);
  });

  test('a computed column is a field that nothing writes, and a note says so', async () => {
    const connection = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
    try {
      await connection.db.raw(
        `CREATE TABLE shop_sum (${key}, a integer, b integer GENERATED ALWAYS AS (a * 2) STORED, UNIQUE (a, b))`,
      );
      const { apps, notes } = await inspectDatabase(connection);
      const [model] = apps.flatMap(({ models }) => Object.values(models));
      expect(Object.keys(model?.fields ?? {})).toEqual(['id', 'a', 'b']);
      expect(model?.fields.b).toMatchObject({ type: 'IntegerField', computed: true });
      expect(model?.uniqueTogether).toBeUndefined();
      expect(notes).toEqual(["The column 'b' of table 'shop_sum' is computed by the database: nothing writes it."]);
    } finally {
      await connection.close();
    }
  });

  async function inspect(columns: string) {
    const connection = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
    try {
      for (const table of ['item', 'tag']) await connection.db.raw(`CREATE TABLE ${table} (id integer PRIMARY KEY)`);
      await connection.db.raw(`CREATE TABLE joined (${columns})`);
      const { apps, joins } = await introspectApps(connection, connection.db);
      const tables = apps
        .filter(({ label }) => !['auth', 'contenttypes'].includes(label))
        .flatMap(({ label, models }) =>
          Object.entries(models).map(([name, { table }]) => table ?? `${label}_${name.toLowerCase()}`),
        );
      return { models: tables.sort(), joins };
    } finally {
      await connection.close();
    }
  }
});
