import { afterEach, beforeEach, expect, test } from 'vitest';
import { defineApp } from '../../src/index.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

/** What the database deletes or empties by itself is counted, said, and refused as other references are. */
forEachEngine((engine) => {
  let db: TestDatabase;
  const count = async (table: string) => Number((await db.query(`SELECT count(*) AS n FROM ${table}`))[0]?.n);
  const group = { model: 'auth.group', pk: 1, fields: { name: 'Kept', permissions: [] } };
  const sync = (records: readonly object[], more = {}) =>
    manage(['loaddata', '-', '--format', 'json', '--sync', '--no-input'], {
      db,
      stdin: JSON.stringify(records),
      ...more,
    });

  /** Rows that go with row 1 of a table, and one that they leave behind. */
  const createChain = async (table: string) => {
    await db.query(
      `CREATE TABLE below (id integer PRIMARY KEY, up integer REFERENCES ${table} (id) ON DELETE CASCADE)`,
    );
    await db.query(
      'CREATE TABLE last (id integer PRIMARY KEY, below_id integer REFERENCES below (id) ON DELETE SET NULL)',
    );
    await db.query('INSERT INTO below VALUES (1, 1), (2, 1)');
    await db.query('INSERT INTO last VALUES (1, 2), (2, NULL)');
  };

  beforeEach(async () => {
    db = await createDatabase(engine);
    await manage(['migrate', '-v0'], { db });
    await db.query("INSERT INTO auth_group (id, name) VALUES (1, 'Kept'), (2, 'Other')");
    await db.query(
      'CREATE TABLE notes (id integer PRIMARY KEY, group_id integer REFERENCES auth_group (id) ON DELETE CASCADE)',
    );
    await db.query(
      'CREATE TABLE letters (id integer PRIMARY KEY, group_id integer REFERENCES auth_group (id) ON DELETE SET NULL)',
    );
  });
  afterEach(() => db.drop());

  test.each([
    ['notes', "the database would delete 2 rows of 'notes' with them"],
    ['letters', "the database would change 'group_id' in 2 rows of 'letters' with them"],
  ])('loaddata --sync refuses where rows of %s would be lost', async (table, sentence) => {
    await db.query(`INSERT INTO ${table} VALUES (1, 2), (2, 2), (3, 1), (4, NULL)`);
    const { exitCode, stderr } = await sync([group]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`Rows of auth.group that no fixture names would go, and ${sentence}.`);
    expect([await count('auth_group'), await count(table)]).toEqual([2, 4]);
    await db.query(`UPDATE ${table} SET group_id = 1`);
    expect(await sync([group])).toMatchObject({ exitCode: 0 });
    expect([await count('auth_group'), await count(table)]).toEqual([1, 4]);
  });

  test('what would follow of that is counted and said, too', async () => {
    await db.query('INSERT INTO notes VALUES (1, 2), (2, 1)');
    await createChain('notes');
    const { exitCode, stderr } = await sync([group]);
    expect(exitCode).toBe(1);
    expect(stderr.replaceAll('\n', ' ')).toContain(
      "the database would delete 1 row of 'notes' with them, and then delete 2 rows of 'below', change 'below_id' in 1 row of 'last'.",
    );
    const cleared = await manage(['clear_models', 'auth.Group', '--no-input'], { db });
    expect(cleared.stderr.replaceAll('\n', ' ')).toContain(
      "would delete them, and then delete 2 rows of 'below', change",
    );
    expect([await count('notes'), await count('below')]).toEqual([2, 2]);
  });

  test('of a table that cascades to itself all generations are counted, and those that stay are not', async () => {
    await db.query(
      'CREATE TABLE tree (id integer PRIMARY KEY, up integer REFERENCES tree (id) ON DELETE CASCADE, near integer REFERENCES tree (id) ON DELETE SET NULL, group_id integer REFERENCES auth_group (id) ON DELETE CASCADE)',
    );
    await db.query(
      'CREATE TABLE leaf (id integer PRIMARY KEY, tree_id integer REFERENCES tree (id) ON DELETE CASCADE)',
    );
    await db.query(
      'INSERT INTO tree VALUES (1, NULL, NULL, 2), (2, 1, 4, NULL), (3, 2, NULL, NULL), (4, 3, NULL, 2), (5, NULL, 3, NULL), (6, 5, 4, NULL)',
    );
    await db.query('INSERT INTO leaf VALUES (1, 4), (2, 3), (3, 5)');
    const { exitCode, stderr } = await sync([group]);
    expect(exitCode).toBe(1);
    const [, then = ''] = stderr
      .replaceAll('\n', ' ')
      .split("the database would delete 2 rows of 'tree' with them, and then ");
    expect(then.split('.', 1)[0]?.split(', ').sort()).toEqual([
      "change 'near' in 2 rows of 'tree'",
      "delete 2 rows of 'leaf'",
      "delete 2 rows of 'tree'",
    ]);
    expect([await count('tree'), await count('leaf')]).toEqual([6, 3]);
  });

  test('loaddata --sync goes on where the rows go by themselves', async () => {
    const notes = defineApp({
      label: 'notes',
      models: {
        Note: {
          table: 'notes',
          fields: {
            id: { type: 'IntegerField', primaryKey: true },
            group: { type: 'ForeignKey', to: 'auth.group', null: true, onDelete: 'CASCADE' },
          },
        },
      },
    });
    await db.query('INSERT INTO notes VALUES (1, 2), (2, 1)');
    const records = [group, { model: 'notes.note', pk: 2, fields: { group: 1 } }];
    const { exitCode, stdout, stderr } = await sync(records, { config: { apps: [notes] } });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('Deleted 1 row of auth.group.\nDeleted 1 row of notes.note.\n');
    expect([await count('auth_group'), await count('notes')]).toEqual([1, 1]);
  });

  test('clear_models counts and names what goes and what is emptied', async () => {
    await db.query('INSERT INTO notes VALUES (1, 2), (2, 1)');
    const refused = await manage(['clear_models', 'auth.Group', '--no-input'], { db });
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(
      "2 rows of 'notes', which belongs to no known model, refer to rows of 'auth_group': the database would delete them.",
    );
    await db.query('INSERT INTO letters VALUES (1, 2)');
    const { json } = await manage(['clear_models', 'auth.Group', '--no-input', '--cascade', '--json'], { db });
    expect(json.tables).toEqual(
      expect.arrayContaining([
        { table: 'notes', rows: 2 },
        { table: 'letters', rows: 1, column: 'group_id' },
        { table: 'auth_group', rows: 2 },
      ]),
    );
    expect([await count('notes'), await db.query('SELECT * FROM letters')]).toEqual([0, [{ id: 1, group_id: null }]]);
  });

  test('clear_models counts what a model leaves to the database, and columns that its model does not know', async () => {
    const app = (fields: object) => ({
      apps: [
        {
          label: 'n',
          models: { Note: { table: 'notes', fields: { id: { type: 'IntegerField', primaryKey: true }, ...fields } } },
        },
      ],
    });
    await db.query('INSERT INTO notes VALUES (1, 2), (2, 1)');
    const left = { group: { type: 'ForeignKey', to: 'auth.group', null: true, onDelete: 'DO_NOTHING' } };
    const dry = ['clear_models', 'auth.Group', '--dry-run', '--json'];
    expect((await manage(dry, { db, config: app(left) as never })).json.tables).toContainEqual({
      table: 'notes',
      rows: 2,
    });
    const plain = { group_id: { type: 'IntegerField', null: true } };
    const { exitCode, stderr } = await manage(dry, { db, config: app(plain) as never });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      "2 rows of 'notes', by the column 'group_id', which is not a reference of its model, refer",
    );
  });

  test('flush says what the database would do, and refuses', async () => {
    await db.query('INSERT INTO notes VALUES (1, 2)');
    const { exitCode, stderr } = await manage(['flush', 'auth', '--no-input'], { db });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("'notes' (of no known model) refers to 'auth_group' (ON DELETE CASCADE)");
    expect([await count('auth_group'), await count('notes')]).toEqual([2, 1]);
  });

  test('remove_stale_contenttypes refuses', async () => {
    await db.query("INSERT INTO django_content_type (id, app_label, model) VALUES (900, 'auth', 'ghost')");
    await db.query(
      'CREATE TABLE tagged (id integer PRIMARY KEY, ct integer REFERENCES django_content_type (id) ON DELETE CASCADE)',
    );
    await db.query('INSERT INTO tagged VALUES (1, 900)');
    await createChain('tagged');
    const { exitCode, stderr } = await manage(['remove_stale_contenttypes', '--no-input'], { db });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("1 row of 'tagged', which belongs to no known model, refers to rows of");
    expect(stderr.replaceAll('\n', ' ')).toContain(
      "the database would delete it, and then delete 2 rows of 'below', change 'below_id' in 1 row of 'last'.",
    );
    expect([await count('tagged'), await count('below')]).toEqual([1, 2]);
  });

  test('deleteuser follows references by several columns, and sets defaults', async () => {
    // InnoDB takes no SET DEFAULT, and keeps such rows from losing what they refer to.
    const hasDefaults = engine !== 'mariadb';
    for (const name of ['ann', 'bob'])
      await manage(['createuser', name, '--no-input', '--email', `${name}@x.org`, '-v0'], { db });
    for (const sql of [
      'CREATE TABLE seat (a integer, b integer, user_id integer REFERENCES auth_user (id) ON DELETE CASCADE, PRIMARY KEY (a, b))',
      'CREATE TABLE guest (id integer PRIMARY KEY, a integer, b integer, FOREIGN KEY (a, b) REFERENCES seat (a, b) ON DELETE CASCADE)',
      'CREATE TABLE coat (id integer PRIMARY KEY, a integer, b integer, FOREIGN KEY (a, b) REFERENCES seat (a, b) ON DELETE SET NULL)',
      'CREATE TABLE bill (id integer PRIMARY KEY, user_id integer DEFAULT 1 REFERENCES auth_user (id) ON DELETE SET DEFAULT)',
      `INSERT INTO bill VALUES (1, ${hasDefaults ? 2 : 1})`,
      'INSERT INTO seat VALUES (1, 1, 2), (1, 2, 1)',
      'INSERT INTO guest VALUES (1, 1, 1), (2, 1, 2)',
      'INSERT INTO coat VALUES (1, 1, 1), (2, 1, 2)',
    ]) {
      await db.query(sql);
    }
    const tables = [
      { table: 'auth_user', rows: 1, action: 'delete' },
      { table: 'guest', rows: 1, action: 'delete' },
      { table: 'seat', rows: 1, action: 'delete' },
      { table: 'coat', rows: 1, action: 'set_null', column: 'a' },
      ...(hasDefaults ? [{ table: 'bill', rows: 1, action: 'set_default', column: 'user_id' }] : []),
    ];
    expect((await manage(['deleteuser', 'bob', '--dry-run', '--json'], { db })).json).toMatchObject({ tables });
    expect((await manage(['deleteuser', 'bob', '--no-input', '--json'], { db })).json).toMatchObject({ tables });
    expect(await db.query('SELECT id FROM guest')).toEqual([{ id: 2 }]);
    expect(await db.query('SELECT a, b FROM coat ORDER BY id')).toEqual([
      { a: null, b: null },
      { a: 1, b: 2 },
    ]);
    expect(await db.query('SELECT user_id FROM bill')).toEqual([{ user_id: 1 }]);
  });

  test('mergeusers moves references to another unique column than the key', async () => {
    for (const name of ['ann', 'bob'])
      await manage(['createuser', name, '--no-input', '--email', `${name}@x.org`, '-v0'], { db });
    const reference = 'name varchar(150) REFERENCES auth_user (username)';
    for (const sql of [
      `CREATE TABLE vote (id integer PRIMARY KEY, ${reference} ON DELETE CASCADE)`,
      `CREATE TABLE badge (id integer PRIMARY KEY, ${reference})`,
      "INSERT INTO vote VALUES (1, 'ann'), (2, 'bob')",
      "INSERT INTO badge VALUES (1, 'bob')",
    ]) {
      await db.query(sql);
    }
    const tables = [
      { table: 'badge', column: 'name', rows: 1, dropped: 0 },
      { table: 'vote', column: 'name', rows: 1, dropped: 0 },
    ];
    const merge = ['mergeusers', 'ann', 'bob', '--json'];
    expect((await manage([...merge, '--dry-run'], { db })).json).toMatchObject({ tables });
    expect((await manage([...merge, '--no-input'], { db })).json).toMatchObject({ tables });
    expect(await db.query('SELECT id, name FROM vote ORDER BY id')).toEqual([
      { id: 1, name: 'ann' },
      { id: 2, name: 'ann' },
    ]);
    expect(await db.query('SELECT name FROM badge')).toEqual([{ name: 'ann' }]);
  });

  test('introspected models say what the database does', async () => {
    const { stdout } = await manage(['inspectdb'], { db });
    expect(stdout).toMatch(/Notes: .*onDelete: 'CASCADE'/s);
    expect(stdout).toMatch(/Letters: .*onDelete: 'SET_NULL'/s);
  });
});
