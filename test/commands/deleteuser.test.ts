import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase, untilSomebodyWaits } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

forEachEngine((engine) => {
  let db: TestDatabase;
  const run = (args: string[], more: { answers?: [RegExp, string][]; stdin?: string } = {}) =>
    manage(args, { db, ...more });
  const count = async (table: string, where = '1 = 1') =>
    Number((await db.query(`SELECT count(*) AS n FROM ${table} WHERE ${where}`))[0]?.n);
  const make = (name: string, ...args: string[]) =>
    run(['createuser', '--no-input', `--username=${name}`, `--email=${name}@example.com`, ...args]);

  beforeEach(async () => {
    db = await createDatabase(engine);
    expect(await run(['migrate', '-v0'])).toMatchObject({ exitCode: 0 });
    await db.query(`INSERT INTO auth_group (name) VALUES ('editors')`);
    await make('boss', '--superuser');
    await make('ada', '--group=editors', '--permission=auth.add_user');
    await make('grace');
    const key = { sqlite: 'integer', postgres: 'serial', mariadb: 'integer AUTO_INCREMENT' }[engine].concat(
      ' PRIMARY KEY',
    );
    await db.query(
      `CREATE TABLE orders (id ${key}, buyer integer NOT NULL REFERENCES auth_user(id) ON DELETE CASCADE, ` +
        `seller integer NULL REFERENCES auth_user(id) ON DELETE SET NULL, parent integer NULL REFERENCES orders(id) ON DELETE CASCADE)`,
    );
    await db.query(`CREATE TABLE notes (id ${key}, author integer NOT NULL REFERENCES auth_user(id))`);
    await db.query(`INSERT INTO orders (id, buyer, seller, parent) VALUES (1, 2, 3, NULL), (2, 3, 2, 1), (3, 3, 3, 2)`);
    await run(['edituser', 'grace', '--first-name=Grace', '--actor=ada']);
  });
  afterEach(() => db.drop());

  it('keeps the history of django-simple-history, and forgets who made it', async () => {
    await db.query(
      'CREATE TABLE shop_historicalcow (id integer NOT NULL, history_id integer PRIMARY KEY, history_date timestamp NOT NULL, ' +
        'history_change_reason varchar(100), history_type varchar(1) NOT NULL, history_user_id integer REFERENCES auth_user(id))',
    );
    await db.query("INSERT INTO shop_historicalcow VALUES (9, 1, '2026-01-01 00:00:00', NULL, '+', 3)");
    expect(await run(['deleteuser', 'grace', '--no-input', '--delete-log'])).toMatchObject({ exitCode: 0 });
    expect(await count('auth_user', 'id = 3')).toBe(0);
    expect(await count('shop_historicalcow', 'history_user_id IS NULL')).toBe(1);
  });

  it('says of what another run has deleted that it is gone', async () => {
    for (const command of [
      ['deleteuser', 'boss', '--force'],
      ['deletegroup', 'editors'],
    ]) {
      const runs = [1, 2].map(() => run([...command, '--no-input', '--actor=ada']));
      expect((await Promise.all(runs)).map(({ exitCode }) => exitCode).toSorted()).toEqual([0, 1]);
    }
    expect(await count('django_admin_log', 'action_flag = 3')).toBe(2);
    if (engine !== 'postgres') return;
    await make('fresh');
    await db.query('INSERT INTO auth_group (name) VALUES (?)', ['writers']);
    for (const [command, table, column] of [
      ['deleteuser', 'auth_user', 'username'],
      ['deletegroup', 'auth_group', 'name'],
    ] as const) {
      const name = command === 'deleteuser' ? 'fresh' : 'writers';
      await db.query('BEGIN');
      await db.query(`DELETE FROM ${table} WHERE ${column} = ?`, [name]);
      const waiting = run([command, name, '--no-input', '--actor=ada']);
      await untilSomebodyWaits(db);
      await db.query('COMMIT');
      expect(await waiting).toMatchObject({
        exitCode: 1,
        stdout: '',
        stderr: expect.stringMatching(/does not exist any more/),
      });
    }
    expect(await count('django_admin_log', 'action_flag = 3')).toBe(2);
  });

  it('shows table by table what would go, and changes nothing', async () => {
    await db.query('INSERT INTO notes (author) VALUES (2)');
    const { json, exitCode } = await run(['deleteuser', 'ada', '--dry-run', '--json']);
    expect(exitCode).toBe(0);
    const rows = json.tables.map(({ name, rows, action, column }: Record<string, unknown>) => [
      name,
      rows,
      action,
      column,
    ]);
    expect(rows).toEqual([
      ['auth_user', 1, 'delete', undefined],
      ['auth_user_groups', 1, 'delete', undefined],
      ['auth_user_user_permissions', 1, 'delete', undefined],
      ['orders', 3, 'delete', undefined],
      ['django_admin_log', 1, 'refuse', 'user_id'],
      ['notes', 1, 'unknown', 'author'],
    ]);
    const missing = [
      { table: 'orders', column: 'buyer', rows: 3 },
      { table: 'notes', column: 'author', rows: 1 },
    ];
    // MariaDB makes an index for each reference.
    expect(json.missingIndexes).toEqual(engine === 'mariadb' ? [] : expect.arrayContaining(missing));
    expect(await count('auth_user')).toBe(3);
    const text = await run(['deleteuser', 'ada', '--dry-run']);
    expect(text.stdout).toContain('    django_admin_log.user_id  1 row  refuses\n');
  });

  it('deletes what tables take of each other in a circle, as Django does', async () => {
    const last = engine === 'sqlite' ? ' REFERENCES remarks(id) ON DELETE CASCADE' : '';
    await db.query(
      `CREATE TABLE posts (id integer PRIMARY KEY, author integer NOT NULL REFERENCES auth_user(id) ON DELETE CASCADE, last integer NULL${last})`,
    );
    await db.query(
      'CREATE TABLE remarks (id integer PRIMARY KEY, post integer NOT NULL REFERENCES posts(id) ON DELETE CASCADE, ' +
        'reply integer NULL REFERENCES remarks(id) ON DELETE CASCADE)',
    );
    await db.query('INSERT INTO posts VALUES (1, 2, NULL), (2, 3, NULL), (3, 3, NULL)');
    await db.query('INSERT INTO remarks VALUES (1, 1, 1), (2, 2, NULL), (3, 1, NULL), (4, 3, 4), (5, 3, 3)');
    if (last === '')
      await db.query('ALTER TABLE posts ADD FOREIGN KEY (last) REFERENCES remarks(id) ON DELETE CASCADE');
    // Grace's second post goes: the last remark on it is about Ada's.
    await db.query('UPDATE posts SET last = CASE id WHEN 1 THEN 1 WHEN 2 THEN 3 END');
    const rows = (json: { tables: { name: string }[] }) =>
      json.tables.filter(({ name }) => ['posts', 'remarks'].includes(name));
    const expected = [
      expect.objectContaining({ name: 'posts', rows: 2, action: 'delete' }),
      expect.objectContaining({ name: 'remarks', rows: 4, action: 'delete' }),
    ];
    const dry = await run(['deleteuser', 'ada', '--dry-run', '--json']);
    expect(rows(dry.json)).toEqual(expected);
    const done = await run(['deleteuser', 'ada', '--delete-log', '--no-input', '--json']);
    expect([done.exitCode, done.stderr]).toEqual([0, '']);
    expect(rows(done.json)).toEqual(expected);
    expect(await db.query('SELECT id FROM posts')).toEqual([{ id: 3 }]);
    expect(await db.query('SELECT id FROM remarks')).toEqual([{ id: 4 }]);
  });

  it('refuses to lose log entries and rows of which nobody knows', async () => {
    await db.query('INSERT INTO notes (author) VALUES (2)');
    const log = await run(['deleteuser', 'ada']);
    expect(log).toMatchObject({ exitCode: 1 });
    expect(log.stderr).toContain("The admin's log has 1 entry about these objects");
    expect(log.stderr).toContain('--reassign-to');
    const notes = await run(['deleteuser', 'ada', '--delete-log']);
    expect(notes.stderr).toContain("No on-delete rule is known for 1 row of 'notes'");
    expect(await count('auth_user')).toBe(3);
    const done = await run(['deleteuser', 'ada', '--delete-log', '--cascade', '--json']);
    expect(done).toMatchObject({ exitCode: 0, json: { deleted: ['ada'] } });
    expect([
      await count('auth_user'),
      await count('notes'),
      await count('orders'),
      await count('django_admin_log'),
    ]).toEqual([2, 0, 0, 0]);
  });

  it('gives rows and log entries to another account', async () => {
    await db.query('INSERT INTO notes (author) VALUES (2)');
    const { json, exitCode } = await run([
      'deleteuser',
      'ada',
      '--reassign-to=grace',
      '--actor=boss',
      '--reason=left',
      '--json',
    ]);
    expect(exitCode).toBe(0);
    expect(json.tables).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'notes', rows: 1, action: 'reassign' }),
        expect.objectContaining({ name: 'django_admin_log', rows: 1, action: 'reassign' }),
        expect.objectContaining({ name: 'orders', rows: 1, action: 'reassign', column: 'buyer' }),
      ]),
    );
    expect(await count('notes', 'author = 3')).toBe(1);
    expect(await count('orders', 'buyer = 3')).toBe(3);
    const [entry] = await db.query('SELECT * FROM django_admin_log WHERE action_flag = 3');
    expect(entry).toMatchObject({ object_repr: 'ada', object_id: '2', user_id: 1 });
    expect(String(entry?.change_message)).toContain('"command": "deleteuser", "reason": "left"');
  });

  it('keeps the last active superuser, asks at a terminal, and takes names from standard input', async () => {
    const last = await run(['deleteuser', 'boss']);
    expect(last).toMatchObject({ exitCode: 1 });
    expect(last.stderr).toContain('is the last active superuser');
    const no = await run(['deleteuser', 'grace'], { answers: [[/This will DELETE 1 user/, 'no']] });
    expect(no).toMatchObject({ exitCode: 0, stdout: 'No user was deleted.\n' });
    const missing = await run(['deleteuser', 'grace', 'nobody']);
    expect(missing).toMatchObject({ exitCode: 1 });
    expect(await count('auth_user')).toBe(3);
    const both = await run(['deleteuser', '-', '--no-input', '--delete-log'], { stdin: 'grace\nada\n' });
    expect(both).toMatchObject({ exitCode: 0 });
    expect(both.stdout).toContain('Deleted 2 users:');
    expect(await count('auth_user')).toBe(1);
    expect((await run(['deleteuser', 'boss', '--force'])).exitCode).toBe(0);
  });
});
