import { mkdir } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { explainPostgres } from '../../src/db/engines/postgres/errors.js';
import { explainSqlite } from '../../src/db/engines/sqlite/errors.js';
import { createDatabase, type Engine, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => db.drop());

  const create = (...args: string[]) =>
    manage(['createuser', '--username=ada', '--email=', '--no-input', ...args], {
      db,
      env: { DJANGO_SUPERUSER_PASSWORD: 'correct horse 9' },
    });
  const alter = async (statements: Record<Engine, readonly string[]>) => {
    for (const statement of statements[engine]) await db.query(statement);
  };

  const refusals: [string, Record<Engine, string[]>, Record<Engine, RegExp>, RegExp][] = [
    [
      'a trigger',
      {
        sqlite: ["CREATE TRIGGER no BEFORE INSERT ON auth_user BEGIN SELECT RAISE(ABORT, 'no - more users'); END"],
        postgres: [
          "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no - more users''; END'",
          'CREATE TRIGGER no BEFORE INSERT ON auth_user FOR EACH ROW EXECUTE FUNCTION no()',
        ],
        mariadb: [
          "CREATE TRIGGER no BEFORE INSERT ON auth_user FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no - more users'",
        ],
      },
      {
        sqlite: /refuses a row: no - more users\.$/,
        postgres: /refuses this: no - more users\.$/,
        mariadb: /refuses this: no - more users\.$/,
      },
      /^A trigger /,
    ],
    [
      'NOT NULL',
      {
        sqlite: [
          'DROP TABLE auth_user_groups',
          'CREATE TABLE auth_user_groups (id integer PRIMARY KEY, user_id integer, group_id integer, since text NOT NULL)',
        ],
        postgres: [
          'ALTER TABLE auth_user_groups ADD since text NOT NULL DEFAULT 0',
          'ALTER TABLE auth_user_groups ALTER since DROP DEFAULT',
        ],
        mariadb: ['ALTER TABLE auth_user_groups ADD since integer NOT NULL'],
      },
      {
        sqlite: /refuses a row: NOT NULL constraint failed: auth_user_groups\.since\.$/,
        postgres: /refuses a row of 'auth_user_groups': null value in column "since" of relation .*\.$/,
        mariadb: /refuses this: Field 'since' doesn't have a default value\.$/,
      },
      /look where they differ/,
    ],
    [
      'CHECK',
      {
        sqlite: [
          'DROP TABLE auth_user_groups',
          'CREATE TABLE auth_user_groups (id integer PRIMARY KEY, user_id integer, group_id integer CHECK (group_id < 0))',
        ],
        postgres: ['ALTER TABLE auth_user_groups ADD CONSTRAINT no CHECK (group_id < 0) NOT VALID'],
        mariadb: [
          'DELETE FROM auth_user_groups',
          'ALTER TABLE auth_user_groups ADD CONSTRAINT no CHECK (group_id < 0)',
        ],
      },
      {
        sqlite: /refuses a row: CHECK constraint failed: group_id < 0\.$/,
        postgres: /refuses a row of 'auth_user_groups': .* violates check constraint "no"\.$/,
        mariadb: /refuses this: CONSTRAINT `no` failed for .*\.$/,
      },
      /look where they differ/,
    ],
    [
      'a unique index of its own',
      {
        sqlite: ['CREATE UNIQUE INDEX one ON auth_user_groups (group_id)'],
        postgres: [
          'DELETE FROM auth_user_groups',
          'INSERT INTO auth_user_groups (user_id, group_id) SELECT (SELECT min(id) FROM auth_user), id FROM auth_group ORDER BY id LIMIT 1',
          'CREATE UNIQUE INDEX one ON auth_user_groups (group_id)',
        ],
        mariadb: [
          'DELETE FROM auth_user_groups',
          'INSERT INTO auth_user_groups (user_id, group_id) SELECT (SELECT min(id) FROM auth_user), id FROM auth_group ORDER BY id LIMIT 1',
          'CREATE UNIQUE INDEX one ON auth_user_groups (group_id)',
        ],
      },
      {
        sqlite: /refuses a row: UNIQUE constraint failed: auth_user_groups\.group_id\.$/,
        postgres: /refuses a row of 'auth_user_groups': .* violates unique constraint "one"\.$/,
        mariadb: /refuses this: Duplicate entry .* for key 'one'\.$/,
      },
      /^Another row has this value/,
    ],
    [
      'a lost column',
      {
        sqlite: ['ALTER TABLE auth_user DROP COLUMN first_name'],
        postgres: ['ALTER TABLE auth_user DROP COLUMN first_name'],
        mariadb: ['ALTER TABLE auth_user DROP COLUMN first_name'],
      },
      {
        sqlite: /has no column '?.*first_name'\.$/,
        postgres: /lacks a column: column "first_name" .*\.$/,
        mariadb: /lacks a column: Unknown column 'first_name'\.$/,
      },
      /^Run `manage migrate`/,
    ],
  ];

  test.each(refusals)('%s is told in a sentence, without statement and stack', async (_what, change, reason, hint) => {
    if (engine === 'sqlite')
      await db.query('DELETE FROM auth_user_groups WHERE group_id NOT IN (SELECT min(id) FROM auth_group)');
    if (engine === 'sqlite')
      await db.query('DELETE FROM auth_user_groups WHERE id NOT IN (SELECT min(id) FROM auth_user_groups)');
    await alter(change);
    const [group] = await db.query('SELECT name FROM auth_group ORDER BY id LIMIT 1');
    const result = await create('--group', String(group?.name));
    expect(result).toMatchObject({ exitCode: 1, stdout: '' });
    const [message, remedy, ...rest] = result.stderr.trimEnd().split('\n');
    expect(message).toMatch(/^CommandError: /);
    expect(message).toMatch(reason[engine]);
    expect(remedy).toMatch(hint);
    expect(rest).toEqual([]);
    expect(result.stderr).not.toMatch(/insert into|pbkdf2|\n +at /i);
    const traced = await create('--group', String(group?.name), '--traceback');
    expect(traced.stderr).toMatch(/\n +at /);
    expect(traced.stderr).not.toContain('pbkdf2');
  });
});

const place = { server: 'db.example:5432', database: 'site', user: 'ada', schema: undefined };

test.each([
  ['57014', 'canceling statement due to statement timeout', 'query_cancelled', 'statement_timeout'],
  ['40P01', 'deadlock detected', 'database_locked', 'Try again'],
  ['40001', 'could not serialize access', 'database_locked', 'Try again'],
  ['57P01', 'terminating connection due to administrator command', 'connection_lost', 'Try again'],
  ['57P05', 'terminating connection due to idle-session timeout', 'connection_lost', 'Try again'],
  ['08006', 'connection failure', 'connection_lost', 'Try again'],
  ['53300', 'sorry, too many clients already', 'database_unreachable', 'max_connections'],
  ['08P01', 'query_wait_timeout', 'database_unreachable', 'query_wait_timeout'],
  ['53100', 'could not extend file', 'disk_full', 'Free some space'],
  ['42501', 'permission denied for table auth_user', 'access_denied', 'GRANT'],
  ['42501', 'must be owner of table auth_user', 'access_denied', 'role that owns it'],
  ['XX001', 'invalid page in block 3', 'database_corrupt', 'backup'],
  ['22001', 'value too long for type character varying(5)', 'constraint_failed', 'look where they differ'],
  ['23P01', 'conflicting key value violates exclusion constraint "x"', 'constraint_failed', 'look where they differ'],
])('PostgreSQL: %s has a sentence and a remedy', (code, said, ours, remedy) => {
  const statement = 'select - 1';
  const error = Object.assign(new Error(`${statement} - ${said}`), { code, statement });
  const explained = explainPostgres(error, place);
  expect(explained).toMatchObject({ code: ours, hint: expect.stringContaining(remedy) });
  expect(explained?.message).toMatch(/\.$/);
  expect(explained?.message).not.toContain('select');
});

test.each([
  ['SQLITE_FULL', 'database or disk is full', 'disk_full'],
  ['SQLITE_READONLY', 'attempt to write a readonly database', 'database_read_only'],
  ['SQLITE_CORRUPT', 'database disk image is malformed', 'database_corrupt'],
  ['SQLITE_NOTADB', 'file is not a database', 'not_a_database'],
  ['SQLITE_IOERR', 'disk I/O error', 'disk_error'],
  ['SQLITE_CANTOPEN', 'unable to open database file', 'database_unreachable'],
  ['SQLITE_MISMATCH', 'datatype mismatch', 'constraint_failed'],
])('SQLite: %s has a sentence and a remedy', (code, said, ours) => {
  const explained = explainSqlite(Object.assign(new Error(`${code}: ${said}`), { code }), '/site/db.sqlite3');
  expect(explained).toMatchObject({ code: ours, hint: expect.stringMatching(/\S\.$/) });
  expect(explained?.message).toContain("'/site/db.sqlite3'");
});

test('a lock file that cannot be made is not called the database', async () => {
  const db = await createDatabase('sqlite', { from: 'sample' });
  try {
    const path = `${db.url.slice('sqlite:///'.length)}-migrate.lock`;
    await mkdir(path);
    const { exitCode, stderr } = await manage(['migrate', '-v0'], { db });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`The lock file '${path}' beside the database cannot be made.`);
  } finally {
    await db.drop();
  }
});

test('a view that does not work is named where it stops a migration', async () => {
  const db = await createDatabase('sqlite', { from: 'sample' });
  try {
    await manage(['migrate', 'contenttypes', '0001', '--no-input', '-v0'], { db });
    await db.query('CREATE VIEW broken AS SELECT id FROM gone');
    const { exitCode, stderr } = await manage(['migrate', 'contenttypes', '-v0'], { db });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("The view 'broken' of the database does not work: no such table: main.gone.");
    expect(stderr).toContain('Fix or drop it, and try again.');
  } finally {
    await db.drop();
  }
});
