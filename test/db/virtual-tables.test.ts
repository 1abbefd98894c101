import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

/** What a module keeps in tables of its own is nobody's to empty. */
describe('virtual tables', () => {
  let db: TestDatabase;
  const run = (args: readonly string[], more = {}) => manage(args, { db, ...more });
  const found = async () => (await db.query("SELECT rowid AS id FROM notes WHERE notes MATCH 'kept'")).length;
  const boxes = async () => (await db.query('SELECT id FROM boxes WHERE x0 <= 1 AND x1 >= 0')).length;

  beforeEach(async () => {
    db = await createDatabase('sqlite');
    await run(['migrate', '-v0']);
    await db.query('CREATE VIRTUAL TABLE notes USING fts5(body)');
    await db.query("INSERT INTO notes (body) VALUES ('kept for ever'), ('kept too')");
    await db.query('CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1)');
    await db.query('INSERT INTO boxes VALUES (1, 0, 1)');
    await db.query('CREATE TABLE shop_item (id integer PRIMARY KEY, name text)');
    await db.query("INSERT INTO shop_item VALUES (1, 'x')");
  });
  afterEach(() => db.drop());

  test('are no models, no targets and no findings, nor is what they are made of', async () => {
    const { stdout } = await run(['inspectdb']);
    expect(stdout).toContain('shop_item');
    expect(stdout).not.toMatch(/notes_|boxes_|Notes|Boxes/);
    expect(stdout).toContain("The table 'notes' is a virtual one");
    expect(JSON.parse((await run(['--introspect', 'dumpdata', 'tables'])).stdout)).toHaveLength(1);
    const checked = await run(['check', '--fail-level', 'WARNING'], { config: { introspect: true } });
    expect(checked.stdout).not.toMatch(/notes|boxes/);
    expect((await run(['--introspect', 'clear_models', 'tables', '--no-input'])).stdout).not.toMatch(/notes|boxes/);
    expect([await found(), await boxes()]).toEqual([2, 1]);
  });

  test('outlive a flush, which says so', async () => {
    const dry = await run(['--introspect', 'flush', '--dry-run']);
    expect(dry.stdout).toContain('Virtual tables stay as they are, with what they hold: boxes, notes.');
    expect(dry.stdout).not.toMatch(/notes_data|boxes_node/);
    const { exitCode, stderr } = await run(['--introspect', 'flush', '--no-input']);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: 'Virtual tables stay as they are, with what they hold: boxes, notes.\n',
    });
    expect(await db.query('SELECT * FROM shop_item')).toEqual([]);
    expect([await found(), await boxes()]).toEqual([2, 1]);
    const sql = await run(['--introspect', 'sqlflush']);
    expect(sql.stdout).not.toMatch(/notes|boxes/);
    expect(sql.stderr).toContain('boxes, notes');
  });

  test('go with reset_db, which says so before', async () => {
    const { stdout } = await run(['reset_db', '--dry-run']);
    expect(stdout).toMatch(/: 11 tables with \d+ rows and the virtual tables boxes, notes\./);
    await run(['reset_db', '--no-input']);
    expect(await db.query("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite%'")).toEqual([]);
  });
});
