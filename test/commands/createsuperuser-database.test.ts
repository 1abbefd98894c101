import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { Cancel, manage, temporaryFolder } from '../helpers/manage.js';

const env = { LOGNAME: 'operator', DJANGO_SUPERUSER_PASSWORD: 'Nfe2RePun70C' };
const args = ['createsuperuser', '--username=ada', '--email='];
const password = [
  ['Password: ', 'Nfe2RePun70C'],
  ['Password (again): ', 'Nfe2RePun70C'],
] as const;

describe('a file that does not exist', () => {
  const at = (cwd: string) => ({ url: `sqlite:///${join(cwd, 'new.sqlite3')}` });

  it('is made with --migrate, tables and all, any number of times', async () => {
    const cwd = temporaryFolder();
    const options = { cwd, db: at(cwd), env };
    const first = await manage([...args, '--no-input', '--migrate', '--if-not-exists'], options);
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(first.stdout).toMatch(/^Running migrations:\n {2}Applying contenttypes\.0001_initial\.\.\. OK\n/);
    expect(first.stdout).toMatch(/\nSuperuser created successfully\.\n$/);
    const again = await manage([...args, '--no-input', '--migrate', '--if-not-exists', '--json'], options);
    expect(again).toMatchObject({ exitCode: 0, stderr: '', json: { action: 'kept' } });
    expect(readdirSync(cwd)).toEqual(['new.sqlite3']);
  });

  it('prints one JSON document with --json', async () => {
    const cwd = temporaryFolder();
    const result = await manage([...args, '--no-input', '--migrate', '--json'], { cwd, db: at(cwd), env });
    expect(result.json).toEqual({ action: 'created', pk: 1, username: 'ada', usablePassword: true });
  });

  it('is made where somebody agrees', async () => {
    const cwd = temporaryFolder();
    const question = /new\.sqlite3' does not exist\. Make it, with the tables for accounts, now\? \(yes\/no\): $/;
    const result = await manage(args, { cwd, db: at(cwd), env, answers: [[question, 'yes'], ...password] });
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain('Superuser created successfully.');
  });

  it.each(['no', 'y', ''])('is not made where the answer is "%s"', async (answer) => {
    const cwd = temporaryFolder();
    const result = await manage([...args, '--json'], {
      cwd,
      db: at(cwd),
      env,
      answers: [['does not exist', answer]],
    });
    expect(result).toMatchObject({ exitCode: 0, json: { action: 'none' } });
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('is not made at Ctrl-C, nor with --no-input alone', async () => {
    const cwd = temporaryFolder();
    expect((await manage(args, { cwd, db: at(cwd), answers: [['does not exist', Cancel]] })).exitCode).toBe(130);
    const result = await manage([...args, '--no-input'], { cwd, db: at(cwd), env });
    expect(result).toMatchObject({ exitCode: 1, stdout: '' });
    expect(result.stderr).toContain('--migrate');
    expect(existsSync(join(cwd, 'new.sqlite3'))).toBe(false);
  });

  it.each([
    ['a user name', ['--email='], 1, 'You must use --username with --no-input.'],
    ['a user name with letters', ['--username=', '--email='], 1, 'Username cannot be blank.'],
    ['a required field', ['--username=ada'], 1, 'You must use --email with --no-input.'],
    ['a user name, where the account may be there', ['--if-not-exists'], 1, 'You must use --username with --no-input.'],
    ['a required field of a new account', ['--username=ada', '--if-not-exists'], 1, 'You must use --email'],
    ['a required field of an account to update', ['--username=ada', '--update'], 1, 'You must use --email'],
    ['a valid user name', ['--username=a b', '--email=', '--if-not-exists'], 1, 'Enter a valid username.'],
    ['a valid address', ['--username=ada', '--email=nowhere'], 1, 'Enter a valid email address.'],
    ['a valid date', ['--username=ada', '--email=', '--field=last_login=soon'], 1, 'about the field'],
    ['a field that there is', ['--username=ada', '--email=', '--field=nme=x'], 1, "has no field 'nme'"],
    ['a value of a field', ['--username=ada', '--email=', '--field=first_name'], 2, 'name=value'],
  ])('is not made without %s', async (_, given, exitCode, message) => {
    const cwd = temporaryFolder();
    const line = ['createsuperuser', '--migrate', '--no-input', ...given];
    const result = await manage(line, { cwd, db: at(cwd), env });
    expect(result).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(message) });
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('is named where its folder is missing', async () => {
    const cwd = temporaryFolder();
    const db = { url: `sqlite:///${join(cwd, 'none', 'new.sqlite3')}` };
    expect(await manage([...args, '--no-input', '--migrate'], { cwd, db, env })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('there is no folder'),
    });
  });
});

forEachEngine((engine) => {
  let db: TestDatabase;
  afterEach(() => db.drop());

  describe('an empty database', () => {
    beforeEach(async () => {
      db = await createDatabase(engine);
    });

    it('gets its tables with --migrate', async () => {
      expect(await manage([...args, '--no-input', '--migrate'], { db, env })).toMatchObject({ exitCode: 0 });
      expect(await db.query('SELECT username FROM auth_user')).toEqual([{ username: 'ada' }]);
    });

    it('gets the content types and permissions that a killed run has not come to', async () => {
      await manage(['migrate', '-v0'], { db });
      for (const sql of [
        ['DELETE FROM auth_permission', 'DELETE FROM django_content_type'],
        ['DELETE FROM auth_permission'],
      ]) {
        for (const each of sql) await db.query(each);
        const { exitCode, stdout } = await manage([...args, '--no-input', '--migrate', '--if-not-exists'], { db, env });
        expect(exitCode).toBe(0);
        expect(stdout).toMatch(
          /^Made \d content types? and \d+ permissions that were missing\.\n|^Made 0 content types and 24/,
        );
        const counts = ['django_content_type', 'auth_permission'].map((table) => db.query(`SELECT id FROM ${table}`));
        expect((await Promise.all(counts)).map((rows) => rows.length)).toEqual([6, 24]);
      }
    });

    it.each([['--email=nowhere'], []])('gets no tables for an account that cannot be made (%s)', async (...given) => {
      const line = ['createsuperuser', '--no-input', '--migrate', '--if-not-exists', '--username=ada', ...given];
      expect(await manage(line, { db, env })).toMatchObject({ exitCode: 1, stdout: '' });
      const asked = await manage(['createsuperuser', '--username=ada', '--email=nowhere'], { db, env, answers: [] });
      expect(asked).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('valid email address') });
      await expect(db.query('SELECT * FROM django_migrations')).rejects.toThrow();
    });

    it('gets its tables where somebody agrees, and else nothing', async () => {
      const question = "has no table 'auth_user' for accounts. Apply 18 migration(s) now? (yes/no): ";
      const declined = await manage(args, { db, env, answers: [[question, 'no']] });
      expect(declined).toMatchObject({ exitCode: 0, stdout: '' });
      const agreed = await manage(args, { db, env, answers: [[question, 'yes'], ...password] });
      expect(agreed.stdout).toContain('Superuser created successfully.');
    });

    it('is named where nobody is asked', async () => {
      const result = await manage([...args, '--no-input'], { db, env });
      expect(result).toMatchObject({ exitCode: 1, stdout: '' });
      expect(result.stderr).toMatch(
        /^CommandError: The database .+ has no table 'auth_user' for accounts\.\nRun `manage migrate` first, or use --migrate\.\n$/,
      );
    });
  });

  describe('a database with unapplied migrations', () => {
    beforeEach(async () => {
      db = await createDatabase(engine, { from: 'sample' });
      await db.query("DELETE FROM django_migrations WHERE app = 'sessions'");
      await db.query('DROP TABLE django_session');
    });

    it('is warned of on stderr, and used', async () => {
      const result = await manage([...args, '--no-input'], { db, env });
      expect(result).toMatchObject({ exitCode: 0, stdout: 'Superuser created successfully.\n' });
      expect(result.stderr).toBe(
        'You have 1 unapplied migration(s). Your project may not work properly until you apply the migrations for ' +
          "app(s): sessions.\nRun 'manage migrate' to apply them.\n",
      );
    });

    it('is migrated with --migrate', async () => {
      const result = await manage([...args, '--no-input', '--migrate'], { db, env });
      expect(result).toMatchObject({ exitCode: 0, stderr: '' });
      expect(result.stdout).toBe(
        'Running migrations:\n  Applying sessions.0001_initial... OK\nSuperuser created successfully.\n',
      );
    });
  });
});
