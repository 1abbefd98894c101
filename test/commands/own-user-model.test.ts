import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPassword } from '../../src/auth/passwords/hashers.js';
import { clubFiles } from '../helpers/club.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { type ManageOptions, manage, temporaryFolder } from '../helpers/manage.js';

const good = 'Nfe2RePun70C';
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const env = { LOGNAME: 'operator' };

forEachEngine((engine) => {
  let db: TestDatabase;
  let cwd: string;
  const run = (args: readonly string[], options: ManageOptions = {}) => manage(args, { db, cwd, env, ...options });
  const members = () => db.query('SELECT * FROM club_member ORDER BY email');
  const skillsOf = (id: unknown) =>
    db.query(
      'SELECT s.name FROM club_skill s JOIN club_member_skills l ON l.skill_id = s.id WHERE l.member_id = ? ORDER BY 1',
      [engine === 'sqlite' ? String(id).replaceAll('-', '') : id],
    );

  beforeEach(async () => {
    db = await createDatabase(engine);
    cwd = temporaryFolder(clubFiles);
    const { exitCode, stderr } = await run(['migrate', '-v0']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    await db.query("INSERT INTO club_team (code) VALUES ('red')");
    await db.query("INSERT INTO club_skill (name) VALUES ('chess'), ('rugby')");
  });
  afterEach(() => db.drop());

  describe('createsuperuser', () => {
    it('asks for what the model requires, and for no user name', async () => {
      const result = await run(['createsuperuser', '--json'], {
        answers: [
          [/^Email address: $/, 'ada'],
          [/^Email address: $/, 'Ada@EXAMPLE.org'],
          [/^Full name: $/, ''],
          [/^Full name: $/, 'x'.repeat(41)],
          [/^Full name: $/, 'Ada Lovelace'],
          [/^Team \(Team\.code\): $/, 'blue'],
          [/^Team \(Team\.code\): $/, ''],
          [/^Team \(Team\.code\): $/, 'red'],
          [/^Skills \(Skill\.id\): $/, ''],
          [/^Skills \(Skill\.id\): $/, '1, 99'],
          [/^Skills \(Skill\.id\): $/, 'x'],
          [/^Skills \(Skill\.id\): $/, '2, 1,2'],
          [/^Password: $/, good],
          [/^Password \(again\): $/, good],
        ],
      });
      expect(result.stderr.split('\n')).toEqual([
        'Error: Enter a valid email address.',
        'Error: This field cannot be blank.',
        'Error: Ensure this value has at most 40 characters (it has 41).',
        "Error: team instance with code 'blue' is not a valid choice.",
        'Error: This field cannot be blank.',
        'Error: This field cannot be blank.',
        'Error: skill instance with id 99 is not a valid choice.',
        'Error: “x” value must be an integer.',
        '',
      ]);
      const [made] = await members();
      expect(result).toMatchObject({
        exitCode: 0,
        json: { action: 'created', username: 'Ada@example.org', usablePassword: true, pk: expect.stringMatching(uuid) },
      });
      expect(made).toMatchObject({ full_name: 'Ada Lovelace', team_id: 'red', level: 9, nickname: '', badge: null });
      expect(String(made?.id).replaceAll('-', '')).toBe(result.json.pk.replaceAll('-', ''));
      expect(await checkPassword(good, String(made?.pw))).toBe(true);
      expect(await skillsOf(made?.id)).toEqual([{ name: 'chess' }, { name: 'rugby' }]);
    });

    const given = ['--email=ada@example.org', '--full_name=Ada', '--team=red', '--skills=1', '--skills=2'];

    it('takes options named after the fields', async () => {
      const fields = ['--field=badge=7', '--field=born=1815-12-10', '--field=nickname=ada'];
      const result = await run(['createsuperuser', '--no-input', ...given, ...fields]);
      expect(result.exitCode).toBe(0);
      const [made] = await members();
      expect(made).toMatchObject({ email: 'ada@example.org', badge: 7, born: '1815-12-10', nickname: 'ada' });
      expect(await skillsOf(made?.id)).toHaveLength(2);
      const help = await run(['createsuperuser', '--help']);
      expect(help.stdout).toMatch(/--email EMAIL[\s\S]*--full_name[\s\S]*--team TEAM[\s\S]*--skills SKILLS/);
      expect(help.stdout).not.toContain('--username USERNAME');
    });

    it('takes the environment', async () => {
      const result = await run(['createsuperuser', '--no-input'], {
        env: {
          DJANGO_SUPERUSER_EMAIL: 'ada@example.org',
          DJANGO_SUPERUSER_FULL_NAME: 'Ada',
          DJANGO_SUPERUSER_TEAM: 'red',
          DJANGO_SUPERUSER_SKILLS: '1,2',
          DJANGO_SUPERUSER_PASSWORD: good,
        },
      });
      expect(result).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await skillsOf((await members())[0]?.id)).toHaveLength(2);
    });

    it.each([
      [['--full_name=A', '--team=red', '--skills=1'], 'You must use --email with --no-input.'],
      [given.filter((arg) => !arg.startsWith('--full_name')), 'You must use --full_name with --no-input.'],
      [given.filter((arg) => !arg.startsWith('--team')), 'You must use --team with --no-input.'],
      [given.filter((arg) => !arg.startsWith('--skills')), 'You must use --skills with --no-input.'],
      [[...given, '--full_name='], 'You must use --full_name with --no-input.'],
      [[...given, '--team=blue'], "team instance with code 'blue' is not a valid choice."],
      [[...given, '--skills=3'], 'skill instance with id 3 is not a valid choice.'],
      [[...given, '--field=badge=x'], '“x” value must be an integer.'],
      [[...given, '--field=badge=2147483648'], 'less than or equal to 2147483647.'],
      [[...given, '--field=born=1815-02-30'], 'is an invalid date'],
      [[...given, '--field=groups=1'], 'group instance with id 1 is not a valid choice.'],
      [[...given, '--email=ada'], 'Enter a valid email address.'],
    ])('refuses %j and leaves nothing behind', async (args, message) => {
      const result = await run(['createsuperuser', '--no-input', ...args]);
      expect(result).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(message) });
      expect(await members()).toEqual([]);
    });

    it('says which value is taken', async () => {
      expect((await run(['createsuperuser', '--no-input', ...given, '--field=badge=7'])).exitCode).toBe(0);
      const name = await run(['createsuperuser', '--no-input', ...given]);
      expect(name.stderr).toContain('That email address is already taken.');
      const disguised = await run(['createsuperuser', '--no-input', ...given, '--email=ada@EXAMPLE.ORG']);
      expect(disguised.stderr).toContain('That email address is already taken.');
      const badge = await run(['createsuperuser', '--no-input', ...given, '--email=b@c.de', '--field=badge=7']);
      expect(badge.stderr).toContain('Member with this Badge already exists.');
      expect(await members()).toHaveLength(1);
    });

    it('--update changes what is given, and adds links', async () => {
      await run(['createsuperuser', '--no-input', ...given.slice(0, 3), '--skills=1']);
      await db.query('UPDATE club_member SET level = 0');
      const before = (await members())[0];
      const result = await run(['createsuperuser', '--no-input', '--update', given[0] ?? '', '--skills=2']);
      expect(result.exitCode).toBe(0);
      expect((await members())[0]).toEqual({ ...before, level: 9 });
      expect(await skillsOf(before?.id)).toHaveLength(2);
    });

    it('names a field that has neither value nor default', async () => {
      const files = { ...clubFiles };
      const config = JSON.parse(files['manage.config.json'] ?? '');
      delete config.apps[0].models.Member.fields.level.default;
      config.apps[0].models.Member.auth.superuserValues = {};
      const other = temporaryFolder({ ...files, 'manage.config.json': JSON.stringify(config) });
      const result = await run(['createsuperuser', '--no-input', ...given], { cwd: other });
      expect(result.stderr).toContain("The field 'level' of club.member has neither a value nor a default.");
      expect(result.stderr).toContain('--field NAME=VALUE');
    });
  });

  it('checkpassword knows users by their address', async () => {
    const given = ['--email=ada@example.org', '--full_name=Ada', '--team=red', '--skills=1'];
    await run(['createsuperuser', '--password-stdin', ...given], { stdin: good });
    const [before] = await members();
    const right = await run(['checkpassword', 'ada@example.org', '--password-stdin', '--json'], { stdin: good });
    expect(right).toMatchObject({ exitCode: 0, json: { matches: true, active: null } });
    expect((await run(['checkpassword', 'ada@example.org', '--password-stdin'], { stdin: 'x' })).exitCode).toBe(1);
    // MariaDB compares by the collation of the column, as Django does there.
    const otherwise = await run(['checkpassword', 'Ada@example.org', '--password-stdin'], { stdin: good });
    expect(otherwise.exitCode).toBe(engine === 'mariadb' ? 0 : 1);
    expect((await members())[0]).toEqual(before);
  });
});

forEachEngine((engine) => {
  it('is where the names and passwords are, if the user model of the site inherits them, and makes no half of an account', async () => {
    const db = await createDatabase(engine);
    const text = { type: 'CharField', maxLength: 90 } as const;
    const auth = {
      ...{ usernameField: 'name', passwordField: 'password', requiredFields: [], superuserValues: {} },
      partOf: 'acc.Person',
    };
    const config = {
      userModel: 'acc.Account',
      apps: [
        {
          label: 'acc',
          models: {
            Account: { fields: { name: { ...text, unique: true }, password: text }, naturalKey: ['name'], auth },
            Person: { extends: 'acc.Account', fields: { motto: text } },
          },
        },
      ],
    };
    const at = { db, config };
    const { stdout } = await manage(['sqlall', 'contenttypes', 'auth', 'acc', 'admin', 'sessions'], at);
    // The log refers to the table of the site's user model, and to no other.
    expect(stdout.replaceAll('`', '"')).toMatch(/REFERENCES "acc_person" \("account_ptr_id"\)/);
    for (const statement of stdout.trim().split('\n').slice(1, -1)) await db.query(statement);
    await db.query("INSERT INTO acc_account (id, name, password) VALUES (7, 'ada', '!x')");
    await db.query("INSERT INTO acc_person (account_ptr_id, motto) VALUES (7, 'on')");

    const refused = {
      exitCode: 1,
      stderr: expect.stringContaining('No account can be made here: one is a row of acc.person'),
    };
    expect(await manage(['createuser', 'bob', '--no-input'], at)).toMatchObject(refused);
    expect(await manage(['importusers', '-'], { ...at, stdin: 'name\nbob\n' })).toMatchObject(refused);
    expect(await db.query('SELECT name FROM acc_account')).toEqual([{ name: 'ada' }]);
    // Where nothing makes a superuser, there is none: neither all, nor a last one.
    expect((await manage(['listusers', '--superuser'], at)).stderr).toContain('does not say who is a superuser');
    expect(await manage(['flush', '--keep-superusers', '--no-input'], at)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Nothing in acc.account says who is a superuser: nobody can be kept.'),
    });
    expect(await manage(['changepassword', 'ada', '--password-stdin'], { ...at, stdin: good })).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining("Sessions of user 'ada' end."),
    });
    expect(await manage(['deleteuser', 'ada', '--no-input', '-v0'], at)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await db.query('SELECT * FROM acc_person')).toEqual([]);
    await db.drop();
  });
});
