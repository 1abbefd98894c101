import { describe, expect, it } from 'vitest';
import type { CommandError } from '../../src/errors.js';
import { readCatalogue, without } from '../helpers/catalogue.js';
import { type Opened, useConnections } from '../helpers/connections.js';
import { type Engine, forEachEngine } from '../helpers/databases.js';
import { migrateTo } from '../helpers/migrations.js';

const old = '2020-01-02 03:04:05.000006';

async function addUsers({ database }: Opened, usernames: readonly string[]): Promise<void> {
  for (const username of usernames) {
    await database.query(
      `INSERT INTO auth_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined, last_login)
       VALUES ('!', '0', ?, 'Ä', '', 'x@example.com', '0', '1', ?, ?)`,
      [username, old, old],
    );
  }
}

const failure = (work: Promise<unknown>): Promise<CommandError> =>
  work.then(
    () => {
      throw new Error('It did not fail.');
    },
    (error) => error,
  );

forEachEngine((engine) => {
  const open = useConnections();

  it('keeps rows, links between them and the next key, from one end to the other', async () => {
    const opened = await open(engine);
    const { connection, database } = opened;
    await migrateTo(connection);
    await addUsers(opened, ['ann', 'bob', 'cy', 'gone']);
    await database.query("DELETE FROM auth_user WHERE username = 'gone'");
    await database.query("INSERT INTO auth_group (name) VALUES ('staff')");
    await database.query('INSERT INTO auth_user_groups (user_id, group_id) VALUES (1, 1), (3, 1)');
    await database.query('INSERT INTO auth_group_permissions (group_id, permission_id) VALUES (1, 24)');
    await database.query(
      "INSERT INTO django_admin_log (action_time, object_repr, action_flag, change_message, content_type_id, user_id) VALUES (?, 'r', 1, '', 4, 2)",
      [old],
    );
    const tables = [
      'auth_user',
      'auth_user_groups',
      'auth_group',
      'auth_group_permissions',
      'django_admin_log',
      'auth_permission',
    ];
    const contents = async () => {
      const found: unknown[] = [];
      for (const table of tables) found.push(await database.query(`SELECT * FROM ${table} ORDER BY id`));
      return found;
    };
    const before = await contents();
    await migrateTo(connection, 'admin.0001');
    await migrateTo(connection, 'auth.0001');
    await migrateTo(connection, 'contenttypes.0001');
    await migrateTo(connection);
    expect(await contents()).toEqual(before);
    await addUsers(opened, ['new']);
    const keys = await database.query("SELECT id FROM auth_user WHERE username = 'new'");
    expect(keys).toEqual([{ id: 5 }]);
  });

  it('gives people who never logged in a time when going back to where one is demanded', async () => {
    const opened = await open(engine);
    const { connection, database } = opened;
    await migrateTo(connection);
    await addUsers(opened, ['ann', 'bob']);
    await database.query("UPDATE auth_user SET last_login = NULL WHERE username = 'bob'");
    await migrateTo(connection, 'auth.0004', { now: () => new Date('2026-11-21T07:08:09.123Z') });
    const rows = await database.query('SELECT username, last_login FROM auth_user ORDER BY id');
    const text: Record<Engine, (value: string) => string> = {
      sqlite: (value) => value,
      postgres: (value) => `${value}+00`,
      mariadb: (value) => value,
    };
    expect(rows).toEqual([
      { username: 'ann', last_login: text[engine](old) },
      {
        username: 'bob',
        last_login: text[engine](engine === 'postgres' ? '2026-11-21 07:08:09.123' : '2026-11-21 07:08:09.123000'),
      },
    ]);
  });

  it('keeps what others have added to its tables', async () => {
    const opened = await open(engine);
    const { connection, database } = opened;
    await migrateTo(connection, 'auth.0007');
    await addUsers(opened, ['ann']);
    for (const sql of additions[engine]) await database.query(sql);
    const before = await readCatalogue(database);
    const own = Object.entries(before).filter(([object]) => /extra/.test(object));
    expect(own.length).toBeGreaterThanOrEqual(4);
    await migrateTo(connection, 'auth.0010');
    await migrateTo(connection, 'auth.0007');
    await migrateTo(connection, 'auth');
    const after = await readCatalogue(database);
    expect(Object.entries(after).filter(([object]) => /extra/.test(object))).toEqual(own);
    expect(await database.query('SELECT phone, extra_names FROM auth_user')).toEqual([
      { phone: '112', extra_names: 'Ä/ann' },
    ]);
    await addUsers(opened, ['bob']);
    expect(await database.query('SELECT name FROM extra_log ORDER BY name')).toEqual([
      { name: 'ann' },
      { name: 'bob' },
    ]);
    expect(await database.query('SELECT id FROM extra_view ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
  });

  describe('what somebody else needs is not dropped', () => {
    const cases: [string, string, Record<Engine, string[]>, RegExp][] = [
      [
        'a column with a view on it',
        'contenttypes',
        {
          sqlite: ['CREATE VIEW extra_view AS SELECT name FROM django_content_type'],
          postgres: ['CREATE VIEW extra_view AS SELECT name FROM django_content_type'],
          mariadb: ['CREATE VIEW extra_view AS SELECT name FROM django_content_type'],
        },
        /^The migration contenttypes\.0002_remove_content_type_name could not be applied: .*extra_view/,
      ],
      [
        'a table that another one refers to',
        'sessions.zero',
        {
          sqlite: ['CREATE TABLE extra_visit (session varchar(40) REFERENCES django_session (session_key))'],
          postgres: ['CREATE TABLE extra_visit (session varchar(40) REFERENCES django_session (session_key))'],
          mariadb: ['CREATE TABLE extra_visit (session varchar(40) REFERENCES django_session (session_key))'],
        },
        /^The migration sessions\.0001_initial could not be undone: .*extra_visit/,
      ],
      [
        'a table with a view on it',
        'sessions.zero',
        {
          sqlite: ['CREATE VIEW extra_view AS SELECT count(*) FROM "django_session"'],
          postgres: ['CREATE VIEW extra_view AS SELECT count(*) FROM "django_session"'],
          mariadb: ['CREATE VIEW extra_view AS SELECT count(*) FROM "django_session"'],
        },
        /^The migration sessions\.0001_initial could not be undone: .*extra_view/,
      ],
    ];
    it('a column whose type a view depends on, where the engine says so', async () => {
      const { connection, database } = await open(engine);
      await migrateTo(connection, 'auth.0007');
      await database.query('CREATE VIEW extra_view AS SELECT username FROM auth_user');
      const said: Record<Engine, string | undefined> = {
        sqlite: undefined,
        postgres:
          'The migration auth.0008_alter_user_username_max_length could not be applied: cannot alter type of a column used by a view or rule (rule _RETURN on view extra_view depends on column "username").',
        mariadb: undefined,
      };
      const result = await migrateTo(connection, 'auth').then(
        () => undefined,
        (error: CommandError) => error.message,
      );
      expect(result).toBe(said[engine]);
      expect(await database.query('SELECT username FROM extra_view')).toEqual([]);
    });

    it.each(cases)('%s', async (_what, target, statements, message) => {
      const { connection, database } = await open(engine);
      await migrateTo(connection, 'sessions');
      await migrateTo(connection, 'contenttypes.0001');
      for (const sql of statements[engine]) await database.query(sql);
      const before = await readCatalogue(database);
      const error = await failure(migrateTo(connection, target));
      // Where changes of tables cannot be taken back, nothing is begun that would fail.
      const kept = engine === 'mariadb' ? /^MariaDB cannot roll back schema changes/ : /^Nothing of it was kept/;
      expect(error.hint).toMatch(kept);
      expect(error.message).toMatch(message);
      const after = await readCatalogue(database);
      if (engine !== 'mariadb') return expect(after).toEqual(before);
      // What was done stays, and is noted.
      expect(Object.keys(without(after, /manage_migration_progress/))).toEqual(Object.keys(before));
    });
  });
});

const additions: Record<Engine, string[]> = {
  sqlite: [
    "ALTER TABLE auth_user ADD COLUMN phone text NOT NULL DEFAULT '112' CHECK (phone <> '(,'')')",
    `ALTER TABLE auth_user ADD COLUMN extra_names text GENERATED ALWAYS AS (first_name || '/' || username) VIRTUAL`,
    'CREATE INDEX extra_phone ON auth_user (phone DESC)',
    "CREATE UNIQUE INDEX extra_email ON auth_user (lower(email), username) WHERE email <> ''",
    'CREATE TABLE extra_log (name text)',
    "INSERT INTO extra_log VALUES ('ann')",
    'CREATE TRIGGER extra_added AFTER INSERT ON auth_user BEGIN INSERT INTO extra_log VALUES (new.username); END',
    'CREATE TRIGGER extra_logged AFTER DELETE ON extra_log BEGIN DELETE FROM auth_user WHERE username = old.name; END',
    'CREATE VIEW extra_view AS SELECT * FROM auth_user',
  ],
  postgres: [
    "ALTER TABLE auth_user ADD COLUMN phone text NOT NULL DEFAULT '112' CONSTRAINT extra_check CHECK (phone <> '(,''')",
    "ALTER TABLE auth_user ADD COLUMN extra_names text NOT NULL DEFAULT 'Ä/ann'",
    'CREATE INDEX extra_phone ON auth_user (phone DESC)',
    "CREATE UNIQUE INDEX extra_email ON auth_user (lower(email), phone, extra_names, id) WHERE email <> ''",
    'CREATE TABLE extra_log (name text)',
    "INSERT INTO extra_log VALUES ('ann')",
    `CREATE FUNCTION extra_function() RETURNS trigger LANGUAGE plpgsql AS
       'BEGIN INSERT INTO extra_log VALUES (new.username); RETURN new; END'`,
    'CREATE TRIGGER extra_added AFTER INSERT ON auth_user FOR EACH ROW EXECUTE FUNCTION extra_function()',
    'CREATE VIEW extra_view AS SELECT id, email FROM auth_user',
  ],
  mariadb: [
    "ALTER TABLE auth_user ADD COLUMN phone varchar(20) NOT NULL DEFAULT '112' CHECK (phone <> '(,')",
    "ALTER TABLE auth_user ADD COLUMN extra_names varchar(200) NOT NULL DEFAULT 'Ä/ann'",
    'CREATE INDEX extra_phone ON auth_user (phone DESC)',
    'CREATE UNIQUE INDEX extra_email ON auth_user (email, username)',
    'CREATE TABLE extra_log (name text)',
    "INSERT INTO extra_log VALUES ('ann')",
    'CREATE TRIGGER extra_added AFTER INSERT ON auth_user FOR EACH ROW INSERT INTO extra_log VALUES (new.username)',
    'CREATE VIEW extra_view AS SELECT id, email FROM auth_user',
  ],
};
