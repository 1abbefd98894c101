import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPassword } from '../../src/auth/passwords/hashers.js';
import { createDatabase, type Engine, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { Cancel, type ManageOptions, manage as manageWith, runManage, temporaryFolder } from '../helpers/manage.js';

const good = 'Nfe2RePun70C';

/** With a hasher that takes no time, where a test does not choose its own. */
const manage = (args: readonly string[], options: ManageOptions = {}) =>
  manageWith(args, { ...(options.cwd === undefined ? { config: { passwordHashers: ['md5'] } } : {}), ...options });
const env = { LOGNAME: 'operator' };
const truth: Record<Engine, unknown> = { sqlite: 1, postgres: true, mariadb: 1 };

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => db.drop());

  const user = async (username: string) =>
    (await db.query('SELECT * FROM auth_user WHERE username = ?', [username]))[0];
  const count = async () => Number((await db.query('SELECT count(*) AS n FROM auth_user'))[0]?.n);
  const noInput = (...args: string[]) => ['createsuperuser', '--no-input', ...args];
  const secret = { DJANGO_SUPERUSER_PASSWORD: good };

  describe('asking', () => {
    it('makes a superuser as Django makes one', async () => {
      const result = await manage(['createsuperuser'], {
        db,
        env,
        now: '2026-11-21T08:00:00.250Z',
        answers: [
          ["Username (leave blank to use 'operator'): ", 'ﬁsh'],
          [/^Email address: $/, 'Adm@EX.COM'],
          [/^Password: $/, good],
          [/^Password \(again\): $/, good],
        ],
      });
      expect(result).toMatchObject({ exitCode: 0, stdout: 'Superuser created successfully.\n', stderr: '' });
      const made = await user('fish');
      expect(made).toMatchObject({
        username: 'fish',
        email: 'Adm@ex.com',
        first_name: '',
        last_name: '',
        last_login: null,
        is_superuser: truth[engine],
        is_staff: truth[engine],
        is_active: truth[engine],
      });
      expect(String(made?.date_joined)).toMatch(/^2026-11-21 08:00:00\.25/);
      expect(await checkPassword(good, String(made?.password))).toBe(true);
    });

    it('takes the name of the system, and an empty address', async () => {
      const { exitCode, stdout } = await manage(['createsuperuser', '-v0'], {
        db,
        env,
        answers: [
          ['Username (leave blank', ''],
          ['Email address: ', ''],
          ['Password: ', good],
          ['Password (again): ', good],
        ],
      });
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
      expect(await user('operator')).toMatchObject({ email: '' });
    });

    it.each([
      ['Jürgen Müller', "Username (leave blank to use 'jurgenmuller'): "],
      ['ROOT', "Username (leave blank to use 'root'): "],
      ['a!b', /^Username: $/],
      ['日本', /^Username: $/],
    ])('offers what is left of the system name %s', async (LOGNAME, question) => {
      const { exitCode } = await manage(['createsuperuser'], { db, env: { LOGNAME }, answers: [[question, Cancel]] });
      expect(exitCode).toBe(130);
    });

    it('offers no name that is taken', async () => {
      await manage(noInput('--username=operator', '--email='), { db, env: secret });
      const { stderr } = await manage(['createsuperuser'], { db, env, answers: [[/^Username: $/, Cancel]] });
      expect(stderr).toBe('Operation cancelled.\n');
      expect(await count()).toBe(count0 + 1);
    });

    it('asks again for whatever is wrong, with reasons', async () => {
      const taken = 'user.01@+-_';
      const { exitCode, stderr } = await manage(['createsuperuser'], {
        db,
        env: { LOGNAME: '日本' },
        answers: [
          ['Username: ', ''],
          ['Username: ', 'a!b'],
          ['Username: ', 'x'.repeat(151)],
          ['Username: ', taken],
          ['Username: ', 'ﷺ'],
          ['Username: ', 'ada'],
          ['Email address: ', 'bad'],
          ['Email address: ', 'ada@example.com'],
          ['Password: ', good],
          ['Password (again): ', `${good}x`],
          ['Password: ', '   '],
          ['Password (again): ', '   '],
          ['Password: ', '1234567'],
          ['Password (again): ', '1234567'],
          ['Bypass password validation and create user anyway? [y/N]: ', 'yes'],
          ['Password: ', 'ada@example'],
          ['Password (again): ', 'ada@example'],
          ['Bypass password validation', 'Y'],
        ],
      });
      expect(stderr.split('\n')).toEqual([
        'Error: This field cannot be blank.',
        'Error: Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.',
        'Error: Ensure this value has at most 150 characters (it has 151).',
        'Error: That username is already taken.',
        'Error: Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.',
        'Error: Enter a valid email address.',
        "Error: Your passwords didn't match.",
        "Error: Blank passwords aren't allowed.",
        'This password is too short. It must contain at least 8 characters.',
        'This password is too common.',
        'This password is entirely numeric.',
        'The password is too similar to the email address.',
        '',
      ]);
      expect(exitCode).toBe(0);
      expect(await checkPassword('ada@example', String((await user('ada'))?.password))).toBe(true);
    });

    it('asks for a name where --username is invalid or taken, and not for what is given', async () => {
      const { exitCode, stderr } = await manage(['createsuperuser', '--username', 'user.01@+-_', '--email', 'a@b.co'], {
        db,
        env,
        answers: [
          ['Username (leave', 'ada'],
          ['Password: ', good],
          ['Password (again): ', good],
        ],
      });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'Error: That username is already taken.\n' });
      expect(await user('ada')).toMatchObject({ email: 'a@b.co' });
    });

    it.each([
      [['--username', ''], 'CommandError: Username cannot be blank.\n'],
      [['--username', 'ada', '--email', 'bad'], 'CommandError: Enter a valid email address.\n'],
    ])('refuses %j at once', async (args, message) => {
      const result = await manage(['createsuperuser', ...args], { db, env, answers: [] });
      expect(result).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(message) });
    });

    it.each([0, 1, 2, 3])('leaves nothing behind when it is cancelled at question %d', async (at) => {
      const answers = [
        ['Username', 'ada'],
        ['Email', ''],
        ['Password: ', good],
        ['Password (again): ', good],
      ] as const;
      const script = [...answers.slice(0, at), [answers[at]?.[0] ?? '', Cancel] as const];
      const result = await manage(['createsuperuser'], { db, env, answers: script });
      expect(result).toMatchObject({ exitCode: 130, stdout: '', stderr: 'Operation cancelled.\n' });
      expect(await user('ada')).toBeUndefined();
    });

    it('pays no heed to DJANGO_SUPERUSER_*', async () => {
      const { exitCode } = await manage(['createsuperuser'], {
        db,
        env: { ...env, ...secret, DJANGO_SUPERUSER_USERNAME: 'x', DJANGO_SUPERUSER_EMAIL: 'x@y.zz' },
        answers: [
          ['Username', 'ada'],
          ['Email address: ', ''],
          ['Password: ', 'Other5ecret9'],
          ['Password (again): ', 'Other5ecret9'],
        ],
      });
      expect(exitCode).toBe(0);
      expect(await checkPassword(good, String((await user('ada'))?.password))).toBe(false);
    });

    it('needs a terminal or --no-input', async () => {
      const result = await manage(['createsuperuser', '--username', 'ada'], { db });
      expect(result.exitCode).toBe(2);
      expect(result.stdout).toBe('');
      expect(result.stderr).toContain('--no-input');
      expect(await user('ada')).toBeUndefined();
    });
  });

  describe('with --no-input', () => {
    it('takes options and the environment, options first', async () => {
      const result = await manage(noInput('--username', 'ada', '--json'), {
        db,
        env: { ...secret, DJANGO_SUPERUSER_USERNAME: 'grace', DJANGO_SUPERUSER_EMAIL: 'ada@EXAMPLE.com' },
      });
      expect(result).toMatchObject({ exitCode: 0, stderr: '' });
      const made = await user('ada');
      expect(result.json).toEqual({ action: 'created', pk: made?.id, username: 'ada', usablePassword: true });
      expect(made).toMatchObject({ email: 'ada@example.com', is_superuser: truth[engine] });
      expect(await checkPassword(good, String(made?.password))).toBe(true);
    });

    it('makes an unusable password where there is none, and says so', async () => {
      const result = await manage(noInput('--username=ada', '--email='), { db });
      expect(result).toMatchObject({ exitCode: 0, stdout: 'Superuser created successfully.\n' });
      expect(result.stderr).toContain("User 'ada' has an unusable password.");
      expect((await user('ada'))?.password).toMatch(/^![A-Za-z0-9]{40}$/);
    });

    it.each([
      ['noinput', []],
      ['noin', []],
    ])('may be written --%s', async (flag, rest) => {
      const { exitCode } = await manage(['createsuperuser', `--${flag}`, '--username=ada', '--email=', ...rest], {
        db,
      });
      expect(exitCode).toBe(0);
    });

    it.each<[string, string[], Record<string, string>, string]>([
      ['no name', ['--email=a@b.co'], {}, 'You must use --username with --no-input.'],
      ['no address', ['--username=ada'], {}, 'You must use --email with --no-input.'],
      ['a blank name', ['--username=', '--email='], {}, 'Username cannot be blank.'],
      ['a taken name', ['--username=user.01@+-_', '--email='], {}, 'CommandError: That username is already taken.'],
      ['a taken name in disguise', ['--username=user.01@+-＿', '--email='], {}, 'That username is already taken.'],
      ['a bad name', ['--username=a b', '--email='], {}, 'Enter a valid username.'],
      ['a NUL', ['--username=ada', '--field=first_name=a\0b', '--email='], {}, 'Null characters are not allowed.'],
      ['a bad address', ['--username=ada', '--email=bad'], {}, 'Enter a valid email address.'],
      [
        'a long name',
        [`--username=${'🔑'.repeat(151)}`, '--email='],
        {},
        'Ensure this value has at most 150 characters (it has 151).',
      ],
      ['an empty password', ['--username=ada', '--email='], { DJANGO_SUPERUSER_PASSWORD: '' }, 'is empty.'],
      ['a blank password', ['--username=ada', '--email='], { DJANGO_SUPERUSER_PASSWORD: ' ' }, "aren't allowed."],
      ['an unknown field', ['--username=ada', '--email=', '--field=nme=x'], {}, "has no field 'nme'"],
      ['a bad field', ['--username=ada', '--email=', '--field=last_login=soon'], {}, 'invalid format'],
    ])('refuses %s', async (_, args, env, message) => {
      const result = await manage(noInput(...args), { db, env });
      expect(result).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(message) });
      expect(result.stderr).not.toContain('    at ');
      expect(await count()).toBe(count0);
    });

    it.each<[string, string[], Record<string, string>, string]>([
      ['two places for the password', ['--password-stdin', '--password-file=x'], {}, 'cannot be used together'],
      ['a password file without a name', ['--password-file='], {}, 'argument --password-file: a file is needed'],
      ['the environment besides', ['--password-stdin'], secret, 'DJANGO_SUPERUSER_PASSWORD'],
      ['a field without value', ['--field=first_name'], {}, 'name=value'],
      ['a password as an option', ['--field=password=hunter2'], {}, 'never given as an option'],
      ['a flag that it sets', ['--field=is_superuser=0'], {}, "'is_superuser' is set by this command"],
      ['a key', ['--field=id=5'], {}, "'id' is set by this command"],
      ['a field twice', ['--field=first_name=a', '--field=first_name=b'], {}, "'first_name' is given twice"],
      ['both ways for a taken name', ['--if-not-exists', '--update'], {}, 'cannot be used together'],
      ['an option that there is not', ['--password=hunter2'], {}, '--password-stdin, --password-file'],
    ])('takes %s for wrong usage', async (_, args, env, message) => {
      const result = await manage(noInput('--username=ada', '--email=', ...args), { db, env, stdin: good });
      expect(result).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(message) });
      expect(result.stderr).not.toContain('hunter2');
      expect(await user('ada')).toBeUndefined();
    });

    it('warns of a weak password and makes the account', async () => {
      const env = { DJANGO_SUPERUSER_PASSWORD: 'ada' };
      const { exitCode, stderr } = await manage(noInput('--username=ada', '--email='), { db, env });
      expect(exitCode).toBe(0);
      expect(stderr).toBe(
        'Warning: the password is weak. The password is too similar to the username. ' +
          'This password is too short. It must contain at least 8 characters. This password is too common.\n',
      );
      expect(await checkPassword('ada', String((await user('ada'))?.password))).toBe(true);
    });

    it('writes other fields', async () => {
      const fields = ['first_name=Ada=Countess', 'last_login=2024-05-06 07:08:09.5+02:00', 'is_active=False'];
      const args = fields.map((field) => `--field=${field}`);
      const { exitCode } = await manage(noInput('--username=ada', '--email=', ...args), { db });
      expect(exitCode).toBe(0);
      const made = await user('ada');
      expect(made?.first_name).toBe('Ada=Countess');
      expect(made?.last_login).toMatch(/^2024-05-06 05:08:09\.5/);
      expect(made?.is_active).not.toBe(truth[engine]);
    });

    it('uses the first of passwordHashers', async () => {
      const config = { passwordHashers: ['argon2', 'pbkdf2_sha256'] };
      await manage(noInput('--username=ada', '--email='), { db, env: secret, config });
      const { password } = (await user('ada')) ?? {};
      expect(password).toMatch(/^argon2\$argon2id\$/);
      expect(await checkPassword(good, String(password))).toBe(true);
    });
  });

  describe('a password from elsewhere', () => {
    const make = (stdin: string | Uint8Array) =>
      manage(['createsuperuser', '--password-stdin', '--username=ada', '--email='], { db, stdin });

    it.each([
      ['as it is', good, good],
      ['less one final line break', `${good}\n`, good],
      ['less one of Windows', `${good}\r\n`, good],
      ['with its spaces', ` ${good} \n`, ` ${good} `],
      ['in any script', 'пароль-密码-🔑\n', 'пароль-密码-🔑'],
    ])('is taken from stdin %s', async (_, stdin, password) => {
      expect(await make(stdin)).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await checkPassword(password, String((await user('ada'))?.password))).toBe(true);
    });

    it.each<[string, string | Uint8Array, string]>([
      ['nothing', '', 'is empty'],
      ['a line break alone', '\n', 'is empty'],
      ['two lines', 'one\ntwo', 'line break'],
      ['two final line breaks', `${good}\n\n`, 'line break'],
      ['spaces', '   \n', "Blank passwords aren't allowed."],
      ['no UTF-8', new Uint8Array([0xff, 0xfe]), 'UTF-8'],
      ['a byte order mark', `\ufeff${good}`, 'byte order mark'],
      ['far too much', 'x'.repeat(70_000), 'longer than'],
    ])('is refused where stdin has %s', async (_, stdin, message) => {
      const result = await make(stdin);
      expect(result).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(message) });
      expect(await user('ada')).toBeUndefined();
    });

    it('is taken from a file, and a missing or unreadable one is named', async () => {
      const cwd = temporaryFolder();
      writeFileSync(join(cwd, 'pw'), `${good}\n`);
      chmodSync(join(cwd, 'pw'), 0o600);
      const run = (file: string) =>
        manage(['createsuperuser', '--username=ada', '--email=', '--password-file', file], { db, cwd });
      expect(await run('none')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("'none'") });
      expect(await run('.')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('EISDIR') });
      expect(await run('pw')).toMatchObject({ exitCode: 0 });
      expect(await checkPassword(good, String((await user('ada'))?.password))).toBe(true);
    });
  });

  describe('where the name is taken', () => {
    const name = 'user.01@+-_';
    const args = [`--username=${name}`, '--email=new@example.com'];

    it('--if-not-exists leaves the user alone', async () => {
      const before = await user(name);
      const result = await manage(noInput(...args, '--if-not-exists', '--json'), { db, env: secret });
      expect(result).toMatchObject({ exitCode: 0, json: { action: 'kept', pk: 2, username: name } });
      expect(result.stderr).toContain('is not a superuser. Use --update');
      expect(await user(name)).toEqual(before);
      const asked = await manage(['createsuperuser', ...args, '--if-not-exists'], { db, answers: [] });
      expect(asked).toMatchObject({ exitCode: 0, stdout: `User '${name}' already exists: nothing was changed.\n` });
      expect(await user(name)).toEqual(before);
    });

    it('--if-not-exists makes a user who is not there', async () => {
      const made = noInput('--username=ada', '--email=', '--if-not-exists', '--json');
      expect((await manage(made, { db, env: secret })).json.action).toBe('created');
      expect(await manage(made, { db, env: secret })).toMatchObject({
        exitCode: 0,
        json: { action: 'kept' },
        stderr: '',
      });
    });

    it('--update makes a superuser of the user, and changes what is given and nothing else', async () => {
      const before = await user(name);
      const result = await manage(noInput(`--username=${name}`, '--update'), { db, env: secret });
      expect(result).toMatchObject({ exitCode: 0, stdout: `User '${name}' is a superuser now.\n` });
      expect(result.stderr).toContain(`sessions of user '${name}' end`);
      const after = await user(name);
      expect(await checkPassword(good, String(after?.password))).toBe(true);
      const { password } = after ?? {};
      expect(after).toEqual({ ...before, is_superuser: truth[engine], is_staff: truth[engine], password });

      const again = await manage(noInput(...args, '--update', '--field=last_name=L'), { db });
      expect(again).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await user(name)).toEqual({ ...after, email: 'new@example.com', last_name: 'L' });
    });

    it('--update asks for the password alone', async () => {
      const { exitCode } = await manage(['createsuperuser', '--update'], {
        db,
        env,
        answers: [
          ["Username (leave blank to use 'operator'): ", name],
          ['Password: ', 'password'],
          ['Password (again): ', 'password'],
          ['Bypass password validation and change the password anyway? [y/N]: ', 'n'],
          ['Password: ', good],
          ['Password (again): ', good],
        ],
      });
      expect(exitCode).toBe(0);
      expect(await user(name)).toMatchObject({ email: 'u1@example.com', is_superuser: truth[engine] });
    });

    it('--update makes a user who is not there, and needs then what createsuperuser needs', async () => {
      const missing = await manage(noInput('--username=ada', '--update'), { db, env: secret });
      expect(missing.stderr).toContain('You must use --email with --no-input.');
      const made = await manage(noInput('--username=ada', '--email=', '--update', '--json'), { db, env: secret });
      expect(made.json).toMatchObject({ action: 'created' });
    });

    it('says of an inactive user that it cannot log in', async () => {
      await db.query("UPDATE auth_user SET username = 'inactive', is_active = ? WHERE id = 1", [
        engine === 'postgres' ? false : 0,
      ]);
      const { stderr } = await manage(noInput('--username=inactive', '--update'), { db, env: secret });
      expect(stderr).toContain('is not active and cannot log in');
    });
  });

  it('lets one of several runs at once make the user', async () => {
    const run = (...more: string[]) => runManage(noInput('--username=ada', '--email=', ...more), { db, env: secret });
    const results = await Promise.all([run(), run(), run('--if-not-exists'), run('--if-not-exists')]);
    expect(await db.query("SELECT count(*) AS n FROM auth_user WHERE username = 'ada'")).toMatchObject([
      { n: engine === 'sqlite' ? 1 : '1' },
    ]);
    const [one, two] = results.map(({ exitCode }) => exitCode);
    for (const careful of results.slice(2)) expect(careful).toMatchObject({ exitCode: 0 });
    expect((one ?? 0) + (two ?? 0)).toBeGreaterThanOrEqual(1);
    for (const { exitCode, stderr } of results) {
      if (exitCode !== 0)
        expect(stderr).toBe('CommandError: That username is already taken.\nChoose another username.\n');
    }
  });

  it('shows the password nowhere', async () => {
    const password = 'Zq7-very-Secret-word';
    const attempts = [
      manage(noInput('--username=ada', '--email=', '-v3'), { db, env: { DJANGO_SUPERUSER_PASSWORD: password } }),
      manage(noInput('--username=user.01@+-_', '--email=', '--traceback'), {
        db,
        env: { DJANGO_SUPERUSER_PASSWORD: password },
      }),
      manage(noInput('--username=ad', '--email=', '--json', '--field=date_joined=0001-01-01'), {
        db,
        env: { DJANGO_SUPERUSER_PASSWORD: password },
      }),
      manage(['createsuperuser', '--username=ad2', '--email=', '--password-stdin', '--traceback'], {
        db: { url: 'postgres://nobody@127.0.0.1:1/none' },
        stdin: password,
      }),
    ];
    for (const { stdout, stderr } of await Promise.all(attempts)) {
      expect(stdout + stderr).not.toContain(password);
      expect(stdout + stderr).not.toContain('pbkdf2');
    }
  });

  it('does not show the hash where the database refuses the row', async () => {
    await db.query(
      {
        sqlite: "CREATE TRIGGER no BEFORE INSERT ON auth_user BEGIN SELECT RAISE(ABORT, 'no more users'); END",
        postgres: "ALTER TABLE auth_user ADD CONSTRAINT no_ada CHECK (username <> 'ada')",
        mariadb: "ALTER TABLE auth_user ADD CONSTRAINT no_ada CHECK (username <> 'ada')",
      }[engine],
    );
    const result = await manage(noInput('--username=ada', '--email=', '--traceback'), { db, env: secret });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).not.toContain(good);
    expect(result.stderr).not.toContain('pbkdf2');
  });

  let count0: number;
  beforeEach(async () => {
    count0 = await count();
  });
});
