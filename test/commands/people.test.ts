import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { type ManageOptions, manage, temporaryFolder } from '../helpers/manage.js';

forEachEngine((engine) => {
  let db: TestDatabase;
  let cwd: string;
  const env = { SECRET_KEY: 'k'.repeat(50) };
  const run = (args: string[], more: Pick<ManageOptions, 'answers' | 'now' | 'stdin'> = {}) =>
    manage(args, { db, cwd, env, ...more });
  const json = async (...args: string[]) => (await run([...args, '--json'])).json;
  const make = (name: string, ...args: string[]) =>
    run(['createuser', '--no-input', `--username=${name}`, `--email=${name}@example.com`, ...args]);
  const key = engine === 'sqlite' ? 'integer PRIMARY KEY' : 'serial PRIMARY KEY';

  beforeEach(async () => {
    db = await createDatabase(engine);
    cwd = temporaryFolder();
    await run(['migrate', '-v0']);
    await run(['creategroup', 'a']);
    await run(['creategroup', 'b']);
    await make('boss', '--superuser');
    await make('ada', '--group=a', '--permission=auth.add_user');
    await make('ada2', '--group=a', '--group=b', '--permission=auth.view_user');
  });
  afterEach(() => db.drop());

  it('merges accounts, and undoes it row by row', async () => {
    await db.query(
      `CREATE TABLE profile (user_id integer PRIMARY KEY REFERENCES auth_user(id), bio text, raw ${engine === 'postgres' ? 'bytea' : 'blob'})`,
    );
    await db.query(
      'CREATE TABLE stamp (id integer PRIMARY KEY, profile_id integer REFERENCES profile(user_id) ON DELETE CASCADE)',
    );
    await db.query(
      `CREATE TABLE note (id ${key}, author_id integer REFERENCES auth_user(id), word varchar(9), UNIQUE (author_id, word))`,
    );
    await db.query(
      `INSERT INTO profile (user_id, bio, raw) VALUES (2, 'keep', NULL), (3, 'lose', ${engine === 'sqlite' ? "x'00ff'" : "'\\x00ff'"})`,
    );
    await db.query('INSERT INTO stamp VALUES (1, 3)');
    await db.query("INSERT INTO note (author_id, word) VALUES (2, 'x'), (3, 'x'), (3, 'y'), (3, NULL)");
    await run(['edituser', 'ada2', '--first-name=Z', '--actor=ada2']);
    const tables = [
      'auth_user',
      'auth_user_groups',
      'auth_user_user_permissions',
      'profile',
      'stamp',
      'note',
      'django_admin_log',
    ];
    const all = async () => Promise.all(tables.map((table) => db.query(`SELECT * FROM ${table} ORDER BY 1`)));
    const before = await all();

    const dry = await json('mergeusers', 'ada', 'ada2', '--dry-run');
    expect(dry.collisions).toHaveLength(3);
    expect(dry.tables).toContainEqual({ table: 'note', column: 'author_id', rows: 2, dropped: 1 });
    expect(await all()).toEqual(before);
    expect((await run(['mergeusers', 'ada', 'ada2', '--on-collision=refuse'])).stderr).toContain(
      'Both have rows of which there can be one',
    );
    expect((await run(['mergeusers', 'ada', 'ada2', '--on-collision=refuse', '--dry-run'])).exitCode).toBe(1);
    expect((await run(['mergeusers', 'ada', 'ada'])).exitCode).toBe(2);

    expect(await run(['mergeusers', 'ada', 'ada2', '--undo-file=undo.json'])).toMatchObject({ exitCode: 0 });
    expect(statSync(join(cwd, 'undo.json')).mode & 0o777).toBe(0o600);
    expect(await db.query('SELECT username FROM auth_user ORDER BY id')).toEqual([
      { username: 'boss' },
      { username: 'ada' },
    ]);
    expect((await json('access', 'ada')).permissions.map(({ name }: { name: string }) => name)).toEqual([
      'auth.add_user',
      'auth.view_user',
    ]);
    expect(await db.query('SELECT bio FROM profile')).toEqual([{ bio: 'keep' }]);
    expect(await db.query('SELECT user_id, object_id FROM django_admin_log')).toEqual([{ user_id: 2, object_id: '2' }]);
    expect((await run(['mergeusers', 'ada', 'boss', '--undo-file=undo.json'])).stderr).toContain('EEXIST');

    expect((await run(['mergeusers', '--undo=undo.json', '--undo-file=more.json'])).exitCode).toBe(2);
    expect((await run(['mergeusers', '--undo=undo.json', '--dry-run'])).stdout).toContain('This would undo the merge');
    expect(await run(['mergeusers', '--undo=undo.json'])).toMatchObject({ exitCode: 0 });
    expect(await all()).toEqual(before);
    expect((await run(['mergeusers', '--undo=undo.json'])).stderr).toContain('are not as the merge left them');
    writeFileSync(join(cwd, 'other.json'), '{}');
    expect((await run(['mergeusers', '--undo=other.json'])).stderr).toContain('was not written by mergeusers');

    await run(['createuser', 'bare', '--email=bare@example.com', '--no-input']);
    expect((await run(['mergeusers', 'ada', 'bare', '--dry-run'])).stdout).toContain('    No other row moves.\n');
    expect((await run(['mergeusers', 'ada'])).stderr).toContain('the following arguments are required: lose');
  });

  it('names the row of a value that it would lose', async () => {
    const odd: Partial<Record<typeof engine, string>> = { sqlite: 'soon', postgres: '-infinity' };
    const moment = odd[engine];
    if (moment === undefined) return;
    await db.query(`UPDATE auth_user SET last_login = '${moment}' WHERE username = 'ada2'`);
    const { exitCode, stderr } = await run(['mergeusers', 'ada', 'ada2']);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("In the table 'auth_user', row 3: the "),
    });
    expect(await db.query('SELECT id FROM auth_user')).toHaveLength(3);
  });

  it('lets the newer row stay where that is asked for', async () => {
    await db.query(
      'CREATE TABLE profile (id integer PRIMARY KEY, user_id integer UNIQUE REFERENCES auth_user(id), updated_at varchar(20))',
    );
    await db.query("INSERT INTO profile VALUES (1, 2, '2020'), (2, 3, '2021')");
    await run(['mergeusers', 'ada', 'ada2', '--on-collision=newest']);
    expect(await db.query('SELECT id, user_id FROM profile')).toEqual([{ id: 2, user_id: 2 }]);
  });

  it('shows a user, and why nobody can log in', async () => {
    await run(['edituser', 'ada', '--inactive', '--actor=boss']);
    const shown = await json('showuser', 'ada');
    expect(shown).toMatchObject({
      username: 'ada',
      groups: ['a'],
      password: { state: 'unusable' },
      sessions: { live: 0, over: 0 },
    });
    expect(shown.fields.password).toBeUndefined();
    expect(shown.problems).toEqual([
      'The account is not active.',
      'The password is unusable: password logins are disabled.',
    ]);
    expect(shown.references).toContainEqual({ table: 'auth_user_groups', column: 'user_id', rows: 1 });
    expect(shown.log).toHaveLength(1);
    const text = await run(['showuser', 'ada']);
    expect(text.stdout).toContain('  groups             a\n');
    // MariaDB compares by the collation of the column, as Django does there.
    const otherwise = engine === 'mariadb' ? 'The account is not active.' : "Did you mean 'ada'?";
    expect((await run(['showuser', 'Ada'])).stderr).toContain(otherwise);
  });

  it('makes links to choose a new password', async () => {
    expect((await run(['resetlink', 'ada'])).stderr).toContain('Its password is unusable');
    await run(['changepassword', 'ada', '--password-stdin'], { stdin: 'Nfe2RePun70C' });
    const now = '2026-01-02T03:04:05Z';
    const { json: link } = await run(['resetlink', 'ada', '--base-url=https://example.org', '--json'], { now });
    expect(link).toMatchObject({ username: 'ada', expires: '2026-01-05T03:04:05.000Z' });
    expect(link.url).toMatch(/^https:\/\/example\.org\/accounts\/reset\/Mg\/[0-9a-z]+-[0-9a-f]{32}\/$/);
    const other = await run(['resetlink', 'ada', '--base-url=https://example.org/app/', '--style=allauth'], { now });
    expect(other.stdout).toMatch(/^https:\/\/example\.org\/app\/password\/reset\/key\/2-[0-9a-z]+-[0-9a-f]{32}\/\n$/);
    expect((await run(['resetlink', 'ada', '--base-url=nope'])).stderr).toContain('is not the URL of a site');
    expect((await manage(['resetlink', 'ada'], { db, cwd })).stderr).toContain('There is no secret key');
  });

  it('audits passwords, and wraps old hashes', async () => {
    const hashes = [
      'md5$salt$d653ea7ea31e77b41041e7e3d32e3e4a',
      'sha1$seasalt$cff36ea83f5706ce9aa7454e63e431fc726b2dc8',
      '5ebe2294ecd0e0f08eab7690d2a6ee69',
      '',
    ];
    for (const [at, hash] of hashes.entries()) {
      await make(`old${at}`);
      await db.query('UPDATE auth_user SET password = ? WHERE username = ?', [hash, `old${at}`]);
    }
    const audit = await run(['auditpasswords', '--target-django=5.1', '--max=2', '--json']);
    expect(audit).toMatchObject({ exitCode: 1, json: { accounts: 7, cannotLogIn: 3 } });
    expect((await run(['auditpasswords', '--target-django=4.2', '--max=1'])).exitCode).toBe(0);
    expect((await json('auditpasswords', '--wrap', '--dry-run')).wrapped).toBe(0);
    const wrapped = await run(['auditpasswords', '--wrap', '--emit-hashers=wrapped.py']);
    expect(wrapped.stdout).toContain('Wrapped 3 hashes');
    expect(wrapped.stderr).toContain('"wrapped.PBKDF2WrappedMD5PasswordHasher",');
    expect((await json('auditpasswords', '--wrap')).wrapped).toBe(0);
    const again = await run(['auditpasswords', '--wrap', '--emit-hashers=again.py']);
    expect([again.stdout, existsSync(join(cwd, 'again.py'))]).toEqual([
      expect.stringContaining('nothing to wrap'),
      true,
    ]);
    expect(readFileSync(join(cwd, 'wrapped.py'), 'utf8')).toContain('class PBKDF2WrappedMD5PasswordHasher');
    expect((await run(['checkpassword', 'old2', '--password-stdin'], { stdin: 'secret' })).exitCode).toBe(0);
    expect((await run(['checkpassword', 'old1', '--password-stdin'], { stdin: 'lètmein' })).exitCode).toBe(0);
    await db.query("UPDATE auth_user SET password = '!'");
    const none = await run(['auditpasswords', '--wrap', '--emit-hashers=none.py']);
    expect(none).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('PASSWORD_HASHERS') });
    expect(none.stdout).toContain('There is nothing to wrap: no password is stored as plain MD5 or SHA1.');
    expect(existsSync(join(cwd, 'none.py'))).toBe(false);
  });

  it('exports what there is about a person, and erases it', async () => {
    await db.query(
      `CREATE TABLE letter (id ${key}, sender_id integer REFERENCES auth_user(id), api_token varchar(9), body text)`,
    );
    await db.query("INSERT INTO letter (sender_id, api_token, body) VALUES (2, 'secret', 'Dear')");
    // A moment that means nothing is in nobody's way.
    const odd = engine === 'sqlite' ? "'soon'" : engine === 'postgres' ? "'infinity'" : 'NULL';
    await db.query(`UPDATE auth_user SET last_login = ${odd} WHERE id = 2`);
    await run(['edituser', 'ada', '--first-name=Ada', '--actor=boss']);
    expect(await db.query('SELECT first_name FROM auth_user WHERE id = 2')).toEqual([{ first_name: 'Ada' }]);
    const { tables } = await json('exportuser', 'ada');
    expect(tables.map(({ table }: { table: string }) => table)).toEqual([
      'auth_user',
      'auth_user_groups',
      'auth_user_user_permissions',
      'letter',
    ]);
    expect(tables[3]).toMatchObject({ rows: [{ body: 'Dear' }], leftOut: ['api_token'] });
    expect(JSON.stringify(tables)).not.toMatch(/secret|"password":/);
    await run(['exportuser', 'ada', '-o', 'ada.json']);
    expect((await run(['exportuser', 'ada', '-o', 'nowhere/ada.json'])).stderr).toBe(
      "CommandError: The file 'nowhere/ada.json' cannot be written: no such file or directory (ENOENT).\n",
    );
    expect(statSync(join(cwd, 'ada.json')).mode & 0o777).toBe(0o600);
    const dry = await json('eraseuser', 'ada', '--dry-run');
    expect(dry).toMatchObject({ erased: false, username: 'erased-2' });
    const done = await json('eraseuser', 'ada', '--actor=boss');
    expect(done).toMatchObject({
      erased: true,
      unjudged: [{ table: 'letter', rows: 1, columns: ['api_token', 'body'] }],
    });
    const [row] = await db.query('SELECT username, first_name, email, last_login FROM auth_user WHERE id = 2');
    expect(row).toEqual({ username: 'erased-2', first_name: '', email: '', last_login: null });
    expect(await db.query('SELECT * FROM auth_user_groups WHERE user_id = 2')).toEqual([]);
    expect(await db.query("SELECT * FROM django_admin_log WHERE object_repr = 'ada'")).toEqual([]);
    expect((await run(['eraseuser', 'boss'])).stderr).toContain('last active superuser');
    expect((await run(['mergeusers', 'ada2', 'boss', '--no-input'])).stderr).toContain('nothing was merged');
    const demoted = await run(['importusers', '-', '--update'], { stdin: 'username,is_superuser\nboss,false\n' });
    expect(demoted.stderr).toContain('last active superuser; no user was imported');
  });

  it('has what django-extensions has', async () => {
    expect((await run(['generate_password', '--length=30'])).stdout).toMatch(/^[A-Za-z0-9]{30}\n$/);
    expect((await run(['export_emails', '--format=emails', '--group=b'])).stdout).toBe('ada2@example.com,\n');
    expect((await run(['export_emails', '-f', 'vcard'])).stdout).toContain('EMAIL;TYPE=INTERNET:boss@example.com\r\n');
    expect(await json('set_fake_emails', '--dry-run', '--no-admin')).toEqual({ dryRun: true, changed: 2 });
    expect((await run(['set_fake_passwords', '--dry-run'])).stdout).toContain('the passwords of 3 users in');
    expect(
      await json('set_fake_emails', '--no-input', '--email=%(id)s-%(username)s@x.test', '--no-admin'),
    ).toMatchObject({ changed: 2 });
    expect(await db.query('SELECT email FROM auth_user ORDER BY id')).toEqual([
      { email: 'boss@example.com' },
      { email: '2-ada@x.test' },
      { email: '3-ada2@x.test' },
    ]);
    expect((await run(['set_fake_emails'])).exitCode).toBe(2);
    // Nobody is asked first.
    for (const command of [['set_fake_emails'], ['set_fake_passwords'], ['eraseuser', 'ada']]) {
      const unknown = await run([...command, '--actor=nobody'], { answers: [] });
      expect(unknown).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("The user 'nobody'") });
    }
    expect(await json('set_fake_passwords', '--no-input')).toMatchObject({ changed: 3 });
    expect((await run(['checkpassword', 'ada', '--password-stdin'], { stdin: 'password' })).exitCode).toBe(0);
  });
});
