import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
    await db.query("UPDATE auth_user SET username = 'adm', email = 'a@example.com' WHERE id = 2");
  });
  afterEach(() => db.drop());
  const list = (...args: string[]) => manage(['listusers', ...args], { db });

  test('fields, their order, and the order of the users', async () => {
    const { stdout } = await list('--fields', 'pk,username', '--sort=-id', '--limit', '2', '--format', 'csv');
    const ids = (await db.query('SELECT id FROM auth_user ORDER BY id DESC LIMIT 2')).map(({ id }) => String(id));
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('pk,username');
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(ids);
    const table = await list('--fields', 'email,username', '--sort', 'pk', '--limit', '2');
    expect(table.stdout).toMatch(/^EMAIL +USERNAME\n/);
    expect(table.stdout).toContain('a@example.com');
  });

  test('formats for programs', async () => {
    const count = Number((await db.query('SELECT COUNT(*) AS n FROM auth_user'))[0]?.n);
    expect((await list('--format', 'count')).stdout).toBe(`${count}\n`);
    const ids = (await list('--format', 'ids', '--limit', '3')).stdout.trimEnd().split('\n');
    expect(ids).toEqual((await db.query('SELECT id FROM auth_user ORDER BY id LIMIT 3')).map(({ id }) => String(id)));
    const users = JSON.parse((await list('--format', 'json', '--fields', 'username')).stdout);
    expect(users).toHaveLength(count);
    expect(Object.keys(users[0])).toEqual(['username']);
    expect((await list('--format', 'json', '--search', 'nobody at all')).stdout).toBe('[]\n');
  });

  test.each([['--fields=usernme'], ['--sort=-usernme'], ['--fields=password']])('refuses %s', async (arg) => {
    const { exitCode, stderr } = await list(arg);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('that is listed');
  });

  test.each([
    ['a@example.com', "'adm' has this address: give the user name."],
    // MariaDB compares by the collation of the column, as Django does there.
    [engine === 'mariadb' ? ' Adm' : 'Adm', "Did you mean 'adm'?"],
    [' adm ', "Did you mean 'adm'?"],
    [
      'nobody',
      engine === 'mariadb'
        ? 'User names are compared by the collation'
        : 'User names are compared exactly, capital letters included.',
    ],
  ])('%j: a name that nobody has, and whom it may mean', async (name, hint) => {
    for (const args of [
      ['changepassword', name, '--generate'],
      ['deactivateuser', name],
      ['listsessions', name],
    ]) {
      const { exitCode, stderr } = await manage(args, { db });
      expect(exitCode).toBe(1);
      expect(stderr).toContain(hint);
    }
  });
});
