import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPassword } from '../../src/auth/passwords/hashers.js';
import { clubFiles } from '../helpers/club.js';
import { createDatabase, type Engine, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { type ManageOptions, manage as manageWith, runManage, temporaryFolder } from '../helpers/manage.js';

const good = 'Nfe2RePun70C';

/** With a hasher that takes no time, where a test does not choose its own. */
const manage = (args: readonly string[], options: ManageOptions = {}) =>
  manageWith(args, { ...(options.cwd === undefined ? { config: { passwordHashers: ['md5'] } } : {}), ...options });
/** What a shell may still have from a superuser that was made: it is none of the business of createuser. */
const secret = { DJANGO_SUPERUSER_PASSWORD: 'of another', DJANGO_SUPERUSER_EMAIL: 'root@example.com' };
const flags: Record<Engine, { yes: unknown; no: unknown }> = {
  sqlite: { yes: 1, no: 0 },
  postgres: { yes: true, no: false },
  mariadb: { yes: 1, no: 0 },
};

forEachEngine((engine) => {
  const { yes, no } = flags[engine];
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => db.drop());

  const user = async (username: string) =>
    (await db.query('SELECT * FROM auth_user WHERE username = ?', [username]))[0];
  const count = async () => Number((await db.query('SELECT count(*) AS n FROM auth_user'))[0]?.n);
  const groupsOf = async (username: string) =>
    (
      await db.query(
        'SELECT g.name FROM auth_group g JOIN auth_user_groups l ON l.group_id = g.id JOIN auth_user u ON u.id = l.user_id WHERE u.username = ? ORDER BY g.id',
        [username],
      )
    ).map(({ name }) => name);
  const permissionsOf = async (username: string) =>
    (
      await db.query(
        'SELECT p.codename FROM auth_permission p JOIN auth_user_user_permissions l ON l.permission_id = p.id JOIN auth_user u ON u.id = l.user_id WHERE u.username = ? ORDER BY 1',
        [username],
      )
    ).map(({ codename }) => codename);
  const create = (...args: string[]) => ['createuser', '--no-input', '--username=ada', '--email=', ...args];

  it('asks as createsuperuser does, and gives no rights', async () => {
    const result = await manage(['createuser'], {
      db,
      env: { LOGNAME: 'operator' },
      answers: [
        ["Username (leave blank to use 'operator'): ", 'ﬁsh'],
        [/^Email address: $/, 'Adm@EX.COM'],
        [/^Password: $/, good],
        [/^Password \(again\): $/, good],
      ],
    });
    expect(result).toMatchObject({ exitCode: 0, stdout: "User 'fish' created.\n", stderr: '' });
    const made = await user('fish');
    expect(made).toMatchObject({ email: 'Adm@ex.com', is_superuser: no, is_staff: no, is_active: yes });
    expect(await checkPassword(good, String(made?.password))).toBe(true);
  });

  it.each<[string[], Record<string, unknown>]>([
    [[], { is_superuser: no, is_staff: no, is_active: yes, first_name: '', last_name: '' }],
    [['--staff'], { is_superuser: no, is_staff: yes, is_active: yes }],
    [['--superuser'], { is_superuser: yes, is_staff: yes, is_active: yes }],
    [['--inactive'], { is_superuser: no, is_staff: no, is_active: no }],
    [['--first-name=Ada', '--last-name', 'von Ö'], { first_name: 'Ada', last_name: 'von Ö' }],
    [['--first_name=Ada', '--field=last_name=L'], { first_name: 'Ada', last_name: 'L' }],
  ])('takes %j', async (args, row) => {
    const result = await manage(create('--password-stdin', ...args), { db, env: secret, stdin: good });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await user('ada')).toMatchObject(row);
  });

  it('adds groups and permissions', async () => {
    const names = (await db.query('SELECT name FROM auth_group ORDER BY id LIMIT 2')).map(({ name }) => String(name));
    const args = [...names, names[0] ?? ''].flatMap((name) => ['--group', name]);
    const permissions = ['--permission=auth.add_user', '--permission', 'auth.user.change_user'];
    const result = await manage(create(...args, ...permissions, '--password-stdin', '--json'), { db, stdin: good });
    expect(result).toMatchObject({ exitCode: 0, json: { action: 'created', username: 'ada', usablePassword: true } });
    expect(await groupsOf('ada')).toEqual(names);
    expect(await permissionsOf('ada')).toEqual(['add_user', 'change_user']);
  });

  it.each([
    [['--group=nope'], "There is no group 'nope'."],
    [['--permission=auth.nope'], "There is no permission 'auth.nope'.\nPermissions are named app.codename"],
    [['--permission=auth.ad_user'], "There is no permission 'auth.ad_user'.\nDid you mean auth.add_user?"],
    [['--permission=add_user'], "'add_user' does not name a permission."],
    [['--permission=a.b.c.d'], "'a.b.c.d' does not name a permission."],
    [['--permission=nope.add_user'], "There is no permission 'nope.add_user'."],
    [['--permission=auth.group.add_user'], "There is no permission 'auth.group.add_user'."],
    [['--first-name', 'x'.repeat(151)], 'Ensure this value has at most 150 characters (it has 151).'],
    [['--username=user.01@+-_'], 'That username is already taken.'],
  ])('refuses %j and leaves nothing behind', async (args, message) => {
    const before = await count();
    const result = await manage(create(...args), { db, env: secret });
    expect(result).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(message) });
    expect(await count()).toBe(before);
  });

  it('names the models where two have a permission of one codename', async () => {
    await db.query(
      "INSERT INTO auth_permission (name, content_type_id, codename) SELECT 'x', id, 'add_user' FROM django_content_type WHERE app_label = 'auth' AND model = 'group'",
    );
    const result = await manage(create('--permission=auth.add_user'), { db });
    expect(result.stderr).toContain("Several permissions are called 'auth.add_user'.");
    expect(result.stderr).toContain('auth.user.add_user');
    expect((await manage(create('--permission=auth.user.add_user'), { db })).exitCode).toBe(0);
    expect(await permissionsOf('ada')).toEqual(['add_user']);
  });

  it('leaves nothing behind where the database refuses a link', async () => {
    const before = await count();
    await db.query(
      {
        sqlite: "CREATE TRIGGER no BEFORE INSERT ON auth_user_groups BEGIN SELECT RAISE(ABORT, 'no'); END",
        postgres: 'ALTER TABLE auth_user_groups ADD CONSTRAINT no CHECK (group_id < 0) NOT VALID',
        mariadb: "CREATE TRIGGER no BEFORE INSERT ON auth_user_groups FOR EACH ROW SIGNAL SQLSTATE '45000'",
      }[engine],
    );
    const [group] = await db.query('SELECT name FROM auth_group ORDER BY id LIMIT 1');
    const result = await manage(create('--group', String(group?.name)), { db, env: secret });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).not.toContain('pbkdf2');
    expect(await count()).toBe(before);
  });

  describe('the password', () => {
    it('is unusable where there is none, which is said', async () => {
      const result = await manage(create(), { db });
      expect(result).toMatchObject({ exitCode: 0, stdout: "User 'ada' created.\n" });
      expect(result.stderr).toContain("User 'ada' has an unusable password.");
      expect((await user('ada'))?.password).toMatch(/^!/);
    });

    it('is not asked for with --unusable-password', async () => {
      const { exitCode } = await manage(['createuser', '--unusable-password'], {
        db,
        answers: [
          ['Username', 'ada'],
          ['Email address: ', ''],
        ],
      });
      expect(exitCode).toBe(0);
      expect((await user('ada'))?.password).toMatch(/^!/);
    });

    it('comes from one place', async () => {
      const result = await manage(create('--unusable-password', '--password-stdin'), { db, stdin: good });
      expect(result).toMatchObject({ exitCode: 2, stdout: '' });
      expect(await user('ada')).toBeUndefined();
    });

    it('is warned of where it is weak', async () => {
      const { exitCode, stderr } = await manage(create('--password-stdin'), { db, stdin: 'secret' });
      expect(exitCode).toBe(0);
      expect(stderr).toMatch(/^Warning: the password is weak\. This password is too short\./);
    });
  });

  it('--if-not-exists and --update work as for superusers, and change what is given alone', async () => {
    const name = 'user.01@+-_';
    const before = await user(name);
    const kept = await manage(create('--username', name, '--staff', '--if-not-exists', '--json'), { db, env: secret });
    expect(kept).toMatchObject({ exitCode: 0, json: { action: 'kept' } });
    expect(await user(name)).toEqual(before);

    const [group] = await db.query('SELECT name FROM auth_group ORDER BY id LIMIT 1');
    const had = await groupsOf(name);
    const args = ['--update', '--staff', '--first-name=New', '--group', String(group?.name)];
    const changed = await manage(['createuser', '--no-input', '--username', name, ...args], { db });
    expect(changed).toMatchObject({ exitCode: 0, stdout: `User '${name}' changed.\n` });
    expect(await user(name)).toEqual({ ...before, is_staff: yes, first_name: 'New' });
    expect(new Set(await groupsOf(name))).toEqual(new Set([...had, group?.name]));

    const unusable = ['createuser', '--no-input', '--username', name, '--update', '--unusable-password', '--json'];
    expect((await manage(unusable, { db })).json).toMatchObject({ action: 'updated', usablePassword: false });
  });

  it('--update touches no password and no address that no option gave', async () => {
    const name = 'user.01@+-_';
    const before = await user(name);
    const args = ['createuser', '--username', name, '--update', '--first-name=New'];
    expect(await manage([...args, '--no-input'], { db, env: secret })).toMatchObject({ exitCode: 0 });
    expect(await user(name)).toEqual({ ...before, first_name: 'New' });
    // At a terminal nothing is asked.
    expect(await manage(args, { db, env: secret, answers: [] })).toMatchObject({ exitCode: 0 });
    expect(await user(name)).toEqual({ ...before, first_name: 'New' });
    const made = await manage(['createuser', '--no-input', '--username=new', '--update'], { db, env: secret });
    expect(made).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('You must use --email with --no-input.'),
    });
  });

  it.each([['--field=is_active=false'], ['--field=is_superuser=false'], ['--inactive']])(
    'the last active superuser stays one: %s',
    async (option) => {
      await db.query('UPDATE auth_user SET is_superuser = ?', [no]);
      await db.query(
        "UPDATE auth_user SET is_superuser = ?, is_staff = ?, is_active = ? WHERE username = 'user.01@+-_'",
        [yes, yes, yes],
      );
      const before = await user('user.01@+-_');
      const run = () => manage(['createuser', '--no-input', '--username=user.01@+-_', '--update', option], { db });
      expect(await run()).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('This is the last active superuser; nothing was changed.'),
      });
      expect(await user('user.01@+-_')).toEqual(before);
      await db.query('UPDATE auth_user SET is_superuser = ?, is_active = ? WHERE id = 5', [yes, yes]);
      expect(await run()).toMatchObject({ exitCode: 0 });
    },
  );

  it('lets one of several runs at once make the user', async () => {
    const results = await Promise.all([1, 2, 3].map(() => runManage(create('--if-not-exists'), { db, env: secret })));
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(await db.query("SELECT username FROM auth_user WHERE username = 'ada'")).toHaveLength(1);
  });

  it('needs a terminal or --no-input', async () => {
    const result = await manage(['createuser', '--username=ada'], { db });
    expect(result).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('--no-input') });
  });

  it('leaves out what a user model of its own does not have', async () => {
    const own = await createDatabase(engine);
    try {
      const cwd = temporaryFolder(clubFiles);
      const run = (...args: string[]) => manage(args, { db: own, cwd });
      await run('migrate', '-v0');
      await own.query("INSERT INTO club_team (code) VALUES ('red')");
      await own.query("INSERT INTO club_skill (name) VALUES ('chess')");
      await own.query("INSERT INTO auth_group (name) VALUES ('editors')");
      const [help = ''] = (await run('createuser', '--help')).stdout.split('Examples:');
      for (const option of ['--staff', '--inactive', '--permission', '--first-name', '--username USERNAME']) {
        expect(help).not.toContain(`${option} `);
      }
      expect(help).toMatch(/--superuser [\s\S]*--group NAME/);
      const given = ['--email=ada@EXAMPLE.org', '--full-name=Ada', '--team=red', '--skills=1'];
      const made = await run('createuser', '--no-input', ...given, '--group=editors', '--superuser', '--json');
      expect(made).toMatchObject({ exitCode: 0, json: { username: 'ada@example.org' } });
      expect(await own.query('SELECT level, team_id FROM club_member')).toEqual([{ level: 9, team_id: 'red' }]);
      expect(await own.query('SELECT group_id FROM club_member_groups')).toHaveLength(1);
      expect((await run('createuser', '--no-input', ...given, '--staff')).exitCode).toBe(2);
    } finally {
      await own.drop();
    }
  });
});
