import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Settings } from '../../src/settings/settings.js';
import { createDatabase, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

const id = { type: 'AutoField', primaryKey: true } as const;
const config: Settings = {
  apps: [
    {
      label: 'shop',
      models: {
        Item: { schema: "the shop's", table: 'item', fields: { id, name: { type: 'CharField', maxLength: 20 } } },
        Order: {
          schema: "the shop's",
          primaryKey: ['item', 'user'],
          fields: { item: { type: 'ForeignKey', to: 'shop.Item' }, user: { type: 'ForeignKey', to: 'auth.User' } },
        },
      },
    },
  ],
};

describe('models with a schema of their own', () => {
  let db: TestDatabase;
  const run = (args: readonly string[], more = {}) => manage(args, { db, config, ...more });
  const items = () => db.query(`SELECT id, name FROM "the shop's".item ORDER BY id`);

  beforeEach(async () => {
    db = await createDatabase('postgres');
    await run(['migrate', '-v0']);
    const { stdout } = await run(['sqlall', 'shop']);
    await db.query(stdout);
  });
  afterEach(() => db.drop());

  test('are made, loaded, dumped, checked and flushed there', async () => {
    expect(await items()).toEqual([]);
    const rows = '[{"model": "shop.item", "pk": 5, "fields": {"name": "five"}}]';
    expect(await run(['loaddata', '-', '--format', 'json', '-v0'], { stdin: rows })).toMatchObject({ stderr: '' });
    expect(await items()).toEqual([{ id: 5, name: 'five' }]);
    expect((await run(['dumpdata', 'shop'])).stdout.trim()).toBe(rows);
    expect((await run(['check', '--database', 'default'])).stdout).not.toMatch(/item|shop/);
    for (const sql of ['sqlsequencereset', 'sqlflush']) await db.query((await run([sql, 'shop'])).stdout);
    expect(await items()).toEqual([]);
    await db.query(`INSERT INTO "the shop's".item (name) VALUES ('one')`);
    expect(await items()).toEqual([{ id: 1, name: 'one' }]);
    expect(await run(['flush', 'shop', '--no-input'])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await items()).toEqual([]);
    await db.query((await run(['sqlclear', 'shop'])).stdout);
    await expect(items()).rejects.toThrow(/does not exist/);
  });

  test('are refused where another schema has a table of that name before', async () => {
    await db.query('CREATE TABLE item (id integer PRIMARY KEY)');
    const { exitCode, stderr } = await run(['flush', '--no-input']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("The search path finds 'public.item', and a model has its table in 'the shop's'");
  });

  test('and keys of several columns are in drafts of migrations', async () => {
    const { stdout } = await run(['makemigrations', 'shop', '--dry-run']);
    expect(stdout).toContain("name: 'shop_order',\n      schema: 'the shop\\'s',");
    expect(stdout).toContain("primaryKey: ['item_id', 'user_id'],");
  });
});

test('rows of tables that inherit are loaded where they were, and go with the others only by name', async () => {
  const db = await createDatabase('postgres');
  try {
    const run = (...args: string[]) => manage(args, { db });
    await run('migrate', '-v0');
    await db.query('CREATE TABLE whole (id integer PRIMARY KEY, name text)');
    await db.query('CREATE TABLE whole_part (more text, PRIMARY KEY (id)) INHERITS (whole)');
    await db.query('CREATE TABLE whole_part_part (PRIMARY KEY (id)) INHERITS (whole_part)');
    const rows = () => db.query('SELECT tableoid::regclass::text AS "table", id, name FROM whole ORDER BY id');
    await db.query("INSERT INTO whole VALUES (1, 'a')");
    await db.query("INSERT INTO whole_part VALUES (2, 'b', 'c')");
    await db.query("INSERT INTO whole_part_part VALUES (3, 'd', 'e')");
    const before = await rows();
    const { stdout } = await run('--introspect', 'dumpdata', 'tables');
    await db.query('TRUNCATE whole');
    const load = ['--introspect', 'loaddata', '-', '--format', 'json'];
    expect(await manage(load, { db, stdin: stdout })).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await rows()).toEqual(before);
    const id = { type: 'IntegerField', primaryKey: true } as const;
    const config: Settings = { apps: [{ label: 'w', models: { Whole: { table: 'whole', fields: { id } } } }] };
    for (const args of [
      ['flush', 'w'],
      ['clear_models', 'w.Whole'],
    ]) {
      const { exitCode, stderr } = await manage([...args, '--no-input'], { db, config });
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("'whole_part'") });
    }
    expect(await rows()).toEqual(before);
  } finally {
    await db.drop();
  }
});
