import { afterEach, beforeEach, expect, test } from 'vitest';
import { blogApp } from '../helpers/blog-app.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

/** What commands say and refuse before something is lost. */
forEachEngine((engine) => {
  let db: TestDatabase;
  const config = { apps: [blogApp] };
  const count = async (table: string) => Number((await db.query(`SELECT count(*) AS n FROM ${table}`))[0]?.n);
  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => db.drop());

  test('clear_models names the links that others hold before it asks', async () => {
    const [groups, users] = [await count('auth_group_permissions'), await count('auth_user_user_permissions')];
    const links = (rows: number) => `${rows} link${rows === 1 ? '' : 's'}`;
    const question = new RegExp(
      `They include ${links(groups)} of auth\\.Group\\.permissions, which those who hold them lose\\.\\n` +
        `They include ${links(users)} of auth\\.User\\.user_permissions, which`,
    );
    const { stdout } = await manage(['clear_models', 'auth.Permission'], { db, config, answers: [[question, 'no']] });
    expect(stdout).toBe('Nothing was deleted.\n');
    expect((await manage(['clear_models', 'auth.Permission', '--dry-run'], { db, config })).stdout).toMatch(question);
    expect((await manage(['clear_models', '--help'])).stdout).not.toContain('auth.Permission');
    const unasked = await manage(['clear_models', 'auth.Permission', '--no-input'], { db, config });
    expect(unasked.stderr).toContain(`The rows to delete include ${links(groups)} of auth.Group.permissions, which`);
  });

  test('options that mean nothing beside others are refused, not ignored', async () => {
    const user = 'user.01@+-_';
    const cases: (readonly [readonly string[], string])[] = [
      [['createtoken', user, '--kind', 'knox', '--type', 'refresh'], '--type refresh is for --kind jwt.'],
      [['auditpasswords', '--emit-hashers', 'x.py'], '--emit-hashers is for --wrap only.'],
      [['listlog', user, '--user', 'ada'], 'Name one user, with or without --user.'],
      [['export_emails', 'x.txt', '--json'], '--json writes to standard output, and never to a file.'],
      [['set_fake_passwords', '--unusable', '--password-stdin'], '--unusable is given, and a password too.'],
    ];
    for (const [args, message] of cases) {
      const { exitCode, stdout, stderr } = await manage([...args], { db, config, stdin: 'Xk3-bread' });
      expect({ exitCode, stdout }, message).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toContain(message);
    }
    expect((await manage(['listlog', user, '--user', user], { db })).exitCode).toBe(0);
  });

  test('clear_models --set-null keeps rows that need not refer to anything', async () => {
    const posts = await count('blogapp_post');
    await db.query('DELETE FROM django_admin_log');
    const args = ['clear_models', 'auth.User', '--no-input', '--set-null', '--json'];
    const { exitCode, json } = await manage(args, { db, config });
    expect(exitCode).toBe(0);
    expect(json.tables).toContainEqual({ table: 'blogapp_post', rows: expect.any(Number), column: 'author_id' });
    expect([await count('auth_user'), await count('blogapp_post')]).toEqual([0, posts]);
    expect(await count('blogapp_post WHERE author_id IS NOT NULL')).toBe(0);
  });

  test('dumpdata --natural-primary warns of entries in the log whose rows lose their keys', async () => {
    const args = ['dumpdata', 'admin', 'auth', '--natural-primary', '--natural-foreign'];
    await db.query(
      "UPDATE django_admin_log SET object_id = '1', content_type_id = (SELECT id FROM django_content_type WHERE model = 'user')",
    );
    expect((await manage(args, { db, config })).stderr).toContain(
      'The entries of admin.logentry keep the keys of rows',
    );
    expect((await manage([...args, '-e', 'admin'], { db, config })).stderr).toBe('');
    // The rows may be in another dump.
    expect((await manage(['dumpdata', 'admin', '--natural-primary'], { db, config })).stderr).toContain(
      'admin.logentry keep',
    );
  });

  if (engine === 'postgres') {
    test('refuses where the search path finds a table of that name elsewhere', async () => {
      await db.query('CREATE SCHEMA other');
      await db.query('CREATE TABLE other.auth_user (id serial PRIMARY KEY, email text)');
      await db.query("INSERT INTO other.auth_user (email) VALUES ('x')");
      const name = new URL(db.url).pathname.slice(1);
      await db.query(`ALTER DATABASE "${name}" SET search_path = other, public`);
      const users = await count('public.auth_user');
      for (const args of [
        ['flush', '--no-input', '--cascade'],
        ['flush', '--dry-run', '--cascade'],
        ['clear_models', 'auth.User', '--no-input'],
        ['sqlclear', 'auth', 'admin'],
      ]) {
        const { exitCode, stderr, stdout } = await manage(args, { db, config });
        expect({ exitCode, stdout }, args.join(' ')).toEqual({ exitCode: 1, stdout: '' });
        expect(stderr, args.join(' ')).toMatch(/finds 'other\.auth_user', and '\w+' refers to 'public\.auth_user'/);
      }
      expect([await count('other.auth_user'), await count('public.auth_user')]).toEqual([1, users]);
      const named = { url: `${db.url}?schema=public` };
      expect((await manage(['flush', '--no-input'], { db: named, config })).exitCode).toBe(0);
      expect([await count('other.auth_user'), await count('public.auth_user')]).toEqual([1, 0]);
    });
  }
});
