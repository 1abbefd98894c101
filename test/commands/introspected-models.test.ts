import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAppsSite } from '../helpers/apps-site.js';
import { blogApp } from '../helpers/blog-app.js';
import { clubFiles } from '../helpers/club.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

const introspect = { apps: 'introspect' } as const;

const typesOf = async (db: TestDatabase) => [
  await db.query('SELECT * FROM django_content_type ORDER BY id'),
  await db.query('SELECT * FROM auth_permission ORDER BY id'),
];

test('no command writes a content type or a permission of a model that was found', async () => {
  const db = await createAppsSite();
  await db.query("UPDATE django_content_type SET id = id + 1000 WHERE model = 'token'");
  await db.query(
    "UPDATE auth_permission SET content_type_id = content_type_id + 1000, id = id + 5000 WHERE codename LIKE '%_token'",
  );
  await db.query('CREATE TABLE guessed_thing (id integer PRIMARY KEY)');
  const before = await typesOf(db);
  for (const args of [
    ['--introspect', 'flush', 'account', '--no-input'],
    ['--introspect', 'flush', 'tables', '--no-input'],
    ['--introspect', 'flush', '--no-input'],
    ['--introspect', 'flush', 'auth', 'admin', 'contenttypes', '--no-input', '--cascade'],
    ['flush', 'sessions', '--no-input'],
    ['migrate'],
  ]) {
    expect(await manage(args, { db, config: args[0] === 'migrate' ? introspect : {} })).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    expect(await typesOf(db), args.join(' ')).toEqual(before);
  }
  await db.drop();
});

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => db.drop());

  const post = "(SELECT id FROM django_content_type WHERE app_label = 'blogapp' AND model = 'post')";
  const giveCustom = () =>
    db.query(
      `INSERT INTO auth_permission (id, name, content_type_id, codename) VALUES (950, 'May publish', ${post}, 'publish')`,
    );

  test('a hint does not say what was done already', async () => {
    await db.query('CREATE TABLE tables_note (id integer PRIMARY KEY)');
    await db.query('CREATE TABLE tables_mark (note_id integer REFERENCES tables_note (id))');
    for (const table of ['note (id)', 'mark (note_id)']) await db.query(`INSERT INTO tables_${table} VALUES (1)`);
    const hint = async (...args: string[]) =>
      JSON.parse((await manage([...args, '--json'], { db })).stderr).error.hint as string;
    expect(await hint('flush', 'auth', '--no-input')).toContain('--introspect takes the models from the database.');
    for (const args of [
      ['flush', 'tables'],
      ['clear_models', 'tables.TablesNote'],
    ]) {
      expect(await hint('--introspect', ...args, '--no-input'), args.join(' ')).toMatch(/^Use --cascade to [^-]*\.$/);
    }
    expect(await hint('flush', 'nope', '--no-input')).toContain('--introspect takes');
    expect(await hint('--introspect', 'flush', 'nope', '--no-input')).not.toContain('--introspect');
  });

  test('permissions that a model declares itself are a part of it', async () => {
    await giveCustom();
    await db.query('DELETE FROM auth_user_user_permissions');
    await db.query('DELETE FROM auth_group_permissions');
    await db.query("DELETE FROM auth_permission WHERE codename IN ('add_tag', 'delete_tag')");
    const { stdout } = await manage(['inspectdb'], { db });
    expect(stdout).toMatch(/Post: \{.*permissions: \{ ?\s*publish: 'May publish',?\s*\}/s);
    expect(stdout).toMatch(/Tag: \{[^}]*\}.*defaultPermissions: \['change', 'view'\]/s);
    const before = await typesOf(db);
    const { stdout: said } = await manage(['--introspect', 'flush', '--no-input'], { db });
    expect(said).toContain('and kept 8 content types and 31 permissions.');
    expect(await typesOf(db)).toEqual(before);
    expect(await db.query('SELECT * FROM blogapp_post')).toEqual([]);
  });

  test('flush names the permissions that nobody can make again', async () => {
    await giveCustom();
    const config = { apps: [blogApp] };
    const line = '1 permission that no model declares will not be made again: blogapp.publish.';
    const asked = await manage(['flush'], { db, config, answers: [[line, 'no']] });
    expect(asked.stdout).toBe('Flush cancelled.\n');
    expect((await manage(['flush', '--no-input'], { db, config })).stderr).toBe(`${line}\n`);
  });

  test('flush makes nothing for a user model that the site does not have', async () => {
    const empty = await createDatabase(engine);
    const cwd = temporaryFolder(clubFiles);
    await manage(['migrate', '-v0'], { db: empty, cwd });
    const before = await typesOf(empty);
    for (const args of [
      ['flush', 'sessions'],
      ['flush', 'admin'],
      ['--introspect', 'flush', 'sessions'],
    ]) {
      expect(await manage([...args, '--no-input'], { db: empty })).toMatchObject({ exitCode: 0 });
      expect(await typesOf(empty), args.join(' ')).toEqual(before);
    }
    await manage(['flush', '--no-input', '--cascade'], { db: empty });
    expect(await empty.query("SELECT model FROM django_content_type WHERE model = 'user'")).toEqual([]);
    await empty.drop();
  });

  describe('names', () => {
    const key = 'id integer PRIMARY KEY';
    const type = (id: number, app: string, model: string) =>
      db.query(`INSERT INTO django_content_type (id, app_label, model) VALUES (${id}, '${app}', '${model}')`);
    const labels = async () => {
      const { json } = await manage(['inspectdb', '--json'], { db });
      return json.apps.flatMap((app: { label: string; models: Record<string, { table?: string }> }) =>
        Object.entries(app.models).map(([name, model]) => [model.table, `${app.label}.${name}`]),
      );
    };

    test('follow plurals, the label of the app, histories and the columns of join tables', async () => {
      await db.query(`CREATE TABLE django_comments (${key})`);
      await db.query(`CREATE TABLE django_comment_flags (${key})`);
      await type(901, 'django_comments', 'comment');
      await type(902, 'django_comments', 'commentflag');
      await db.query(`CREATE TABLE all_categories (${key})`);
      await type(903, 'books', 'category');
      await db.query(`CREATE TABLE x_books (${key}, title text)`);
      await db.query(
        `CREATE TABLE x_books_log (history_id integer PRIMARY KEY, history_date text, history_type text, id integer)`,
      );
      await type(904, 'books', 'historicalbook');
      await type(905, 'books', 'book');
      // Only the join table tells which of the two is which.
      await db.query(`CREATE TABLE pile_a (${key})`);
      await db.query(`CREATE TABLE pile_b (${key})`);
      await db.query(
        `CREATE TABLE pile_a_all (${key}, shelf_id integer NOT NULL REFERENCES pile_a (id), room_id integer NOT NULL REFERENCES pile_b (id), UNIQUE (shelf_id, room_id))`,
      );
      await type(906, 'books', 'room');
      await type(907, 'books', 'shelf');
      const found = new Map(await labels());
      expect(Object.fromEntries(found)).toMatchObject({
        django_comments: 'django_comments.Comment',
        django_comment_flags: 'django_comments.Commentflag',
        all_categories: 'books.Category',
        x_books: 'books.Book',
        x_books_log: 'books.Historicalbook',
        pile_a: 'books.Shelf',
        pile_b: 'books.Room',
      });
    });

    test('of models and fields can be put right', async () => {
      await db.query(`CREATE TABLE people (${key}, nick text UNIQUE, boss_id integer REFERENCES people (id))`);
      await db.query(`CREATE TABLE letters (${key}, who integer REFERENCES people (id))`);
      await db.query("INSERT INTO people VALUES (1, 'a', NULL), (2, 'b', 1)");
      await db.query('INSERT INTO letters VALUES (1, 2)');
      const overrides = {
        'tables.people': {
          rename: 'crm.Person',
          naturalKey: ['name'],
          fields: { nick: { rename: 'name' }, boss: { rename: 'head' } },
        },
        'tables.letters': { rename: 'Letter', fields: { who: { rename: 'to' } } },
      };
      const config = { apps: 'introspect', overrides } as const;
      const { stdout, stderr } = await manage(['dumpdata', 'crm', 'tables', '--natural-foreign'], { db, config });
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual([
        { model: 'crm.person', pk: 1, fields: { name: 'a', head: null } },
        { model: 'crm.person', pk: 2, fields: { name: 'b', head: ['a'] } },
        { model: 'tables.letter', pk: 1, fields: { to: ['b'] } },
      ]);
      const loaded = await manage(['loaddata', '-', '--format', 'json'], { db, config, stdin: stdout });
      expect(loaded).toMatchObject({ exitCode: 0, stdout: 'Installed 3 object(s) from 1 fixture(s)\n' });
      const taken = { ...config, overrides: { 'tables.letters': { rename: 'People' } } };
      const { exitCode, stderr: said } = await manage(['dumpdata'], { db, config: taken });
      expect({ exitCode, said }).toMatchObject({
        exitCode: 1,
        said: expect.stringContaining("'tables.People', which is the name of another model"),
      });
    });
  });
});
