import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPassword } from '../../src/auth/passwords/hashers.js';
import { validatePassword } from '../../src/auth/passwords/validators.js';
import { clubFiles } from '../helpers/club.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { Cancel, type ManageOptions, manage as manageWith, temporaryFolder } from '../helpers/manage.js';

const name = 'user.01@+-_';
const good = 'Nfe2RePun70C';

/** With a hasher that takes no time, where a test does not choose its own. */
const manage = (args: readonly string[], options: ManageOptions = {}) =>
  manageWith(args, { ...(options.cwd === undefined ? { config: { passwordHashers: ['md5'] } } : {}), ...options });

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => db.drop());

  const row = async (username = name) => (await db.query('SELECT * FROM auth_user WHERE username = ?', [username]))[0];
  const change = (args: readonly string[], options: ManageOptions = {}) =>
    manage(['changepassword', ...args], { db, ...options });

  describe('asking', () => {
    it('sets the password, touches nothing else, and says that sessions end', async () => {
      const before = await row();
      const result = await change([name], {
        answers: [
          [/^Password: $/, good],
          [/^Password \(again\): $/, good],
        ],
      });
      expect(result).toMatchObject({
        exitCode: 0,
        stdout: `Changing password for user '${name}'\nPassword changed successfully for user '${name}'\n`,
        stderr: `Sessions of user '${name}' end.\n`,
      });
      const after = await row();
      expect(await checkPassword(good, String(after?.password))).toBe(true);
      expect(after).toEqual({ ...before, password: after?.password });
    });

    it('is silent at -v0', async () => {
      const answers = [
        ['Password: ', good],
        ['Password (again): ', good],
      ] as const;
      expect(await change([name, '-v0'], { answers })).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    });

    it('is about who runs it where no name is given', async () => {
      await db.query('UPDATE auth_user SET username = ? WHERE username = ?', ['Operator', name]);
      const answers = [
        ['Password: ', good],
        ['Password (again): ', good],
      ] as const;
      const result = await change([], { answers, env: { LOGNAME: 'Operator' } });
      expect(result.stdout).toContain("Changing password for user 'Operator'");
      const unknown = await change([], { answers: [], env: { LOGNAME: 'operators' } });
      expect(unknown).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining("user 'operators' does not exist"),
      });
    });

    it('ends after three failures', async () => {
      const before = await row();
      const result = await change([name], {
        answers: [
          ['Password: ', good],
          ['Password (again): ', 'other'],
          ['Password: ', '1234567'],
          ['Password (again): ', '1234567'],
          ['Password: ', 'user.01@'],
          ['Password (again): ', 'user.01@'],
        ],
      });
      expect(result.exitCode).toBe(1);
      expect(result.stderr.split('\n')).toEqual([
        'Passwords do not match. Please try again.',
        'This password is too short. It must contain at least 8 characters.',
        'This password is too common.',
        'This password is entirely numeric.',
        'The password is too similar to the username.',
        `CommandError: Aborting password change for user '${name}' after 3 attempts`,
        'The password is as it was: run the command again to change it.',
        '',
      ]);
      expect(await row()).toEqual(before);
    });

    it('takes the third try', async () => {
      const { exitCode } = await change([name], {
        answers: [
          ['Password: ', 'a'],
          ['Password (again): ', 'b'],
          ['Password: ', '   '],
          ['Password (again): ', '   '],
          ['Password: ', good],
          ['Password (again): ', good],
        ],
      });
      expect(exitCode).toBe(0);
    });

    it('takes a weak one with --force, and says why it is one', async () => {
      const result = await change([name, '--force'], {
        answers: [
          ['Password: ', 'weak'],
          ['Password (again): ', 'weak'],
        ],
      });
      expect(result).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('This password is too short.') });
    });

    it.each([
      ['the first', [['Password: ', '']]],
      [
        'the second',
        [
          ['Password: ', good],
          ['Password (again): ', ''],
        ],
      ],
    ] as const)('aborts where %s answer is empty', async (_, answers) => {
      const before = await row();
      const result = await change([name], { answers });
      expect(result).toMatchObject({
        exitCode: 1,
        stderr: 'CommandError: aborted\nThe password is as it was: run the command again to change it.\n',
      });
      expect(await row()).toEqual(before);
    });

    it('is cancelled by Ctrl-C', async () => {
      const before = await row();
      const result = await change([name], { answers: [['Password: ', Cancel]] });
      expect(result).toMatchObject({ exitCode: 130, stderr: 'Operation cancelled.\n' });
      expect(await row()).toEqual(before);
    });
  });

  it.each(['nope', ...(engine === 'mariadb' ? [] : ['USER.01@+-_', `${name} `]), '', 'a\0b'])(
    'does not know the user %j',
    async (username) => {
      const result = await change([username, '--generate']);
      expect(result).toMatchObject({ exitCode: 1, stdout: '' });
      expect(result.stderr).toContain(`user '${username.replace('\0', '\\x00')}' does not exist`);
    },
  );

  it.each([
    [[name], '--password-stdin'],
    [[name, '--no-input'], '--password-stdin'],
    [[name, '--generate', '--unusable'], 'exclude each other'],
    [[name, '--generate', '--password-stdin'], 'exclude each other'],
    [[name, '--password-file=x', '--password-stdin'], 'cannot be used together'],
    [[name, good], 'unrecognized arguments'],
  ])('takes %j for wrong usage', async (args, message) => {
    const result = await change(args, { stdin: good });
    expect(result).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  it('reads stdin and files', async () => {
    expect((await change([name, '--password-stdin'], { stdin: `${good}\n` })).exitCode).toBe(0);
    expect(await checkPassword(good, String((await row())?.password))).toBe(true);
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'pw'), 'Other5ecret9\r\n');
    expect((await change([name, '--password-file=pw', '--json'], { cwd })).json).toEqual({
      username: name,
      pk: 2,
      usablePassword: true,
    });
    expect(await checkPassword('Other5ecret9', String((await row())?.password))).toBe(true);
  });

  it('refuses a weak password without a terminal, unless forced', async () => {
    const before = await row();
    const refused = await change([name, '--password-stdin'], { stdin: 'password' });
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('This password is too common.') });
    expect(refused.stderr).toContain('--force');
    expect(await row()).toEqual(before);
    const forced = await change([name, '--password-stdin', '--force'], { stdin: 'password' });
    expect(forced.exitCode).toBe(0);
    expect(forced.stderr).toContain('Warning: the password is weak. This password is too common.');
    const blank = await change([name, '--password-stdin', '--force'], { stdin: '  ' });
    expect(blank).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Blank passwords aren't allowed.") });
  });

  describe('--generate', () => {
    it('writes the password to stdout, and nothing else', async () => {
      const result = await change([name, '--generate']);
      expect(result.stdout).toMatch(/^[A-Za-z0-9]{20}\n$/);
      const password = result.stdout.trim();
      expect(result.stderr).not.toContain(password);
      expect(result.stderr).toContain(`Password changed successfully for user '${name}'`);
      expect(await checkPassword(password, String((await row())?.password))).toBe(true);
      expect(await validatePassword(password)).toEqual([]);
      const quiet = await change([name, '--generate', '-v0']);
      expect(quiet.stdout).toMatch(/^[A-Za-z0-9]{20}\n$/);
      expect(quiet.stdout).not.toBe(result.stdout);
      expect(quiet.stderr).toBe('');
    });

    it('is in the document of --json', async () => {
      const { json, stderr } = await change([name, '--generate', '--json']);
      expect(json).toEqual({ username: name, pk: 2, usablePassword: true, password: expect.any(String) });
      expect(stderr).toBe('');
      expect(await checkPassword(json.password, String((await row())?.password))).toBe(true);
    });

    it('makes one as long as the validators want, or says that it cannot', async () => {
      const config = (min_length: number) => ({
        passwordValidators: [{ name: 'MinimumLengthValidator', options: { min_length } }],
      });
      expect((await change([name, '--generate'], { config: config(30) })).stdout).toHaveLength(41);
      const before = await row();
      const result = await change([name, '--generate'], { config: config(100) });
      expect(result).toMatchObject({ exitCode: 1, stdout: '' });
      expect(await row()).toEqual(before);
    });
  });

  it('--unusable keeps everybody out', async () => {
    const result = await change([name, '--unusable']);
    expect(result.stdout).toContain(`User '${name}' has an unusable password now`);
    expect((await row())?.password).toMatch(/^![A-Za-z0-9]{40}$/);
    expect((await change([name, '--unusable', '--json'])).json).toMatchObject({ usablePassword: false });
  });

  it('uses the first of passwordHashers', async () => {
    const config = { passwordHashers: ['scrypt'] };
    await change([name, '--password-stdin'], { stdin: good, config });
    expect((await row())?.password).toMatch(/^scrypt\$/);
  });

  it('warns of unapplied migrations', async () => {
    await db.query("DELETE FROM django_migrations WHERE app = 'sessions'");
    const { stderr } = await change([name, '--generate']);
    expect(stderr).toMatch(/^You have 1 unapplied migration\(s\)\./);
  });

  it('works on a column of another name, in a model without user names', async () => {
    const own = await createDatabase(engine);
    try {
      const cwd = temporaryFolder(clubFiles);
      const run = (args: string[], stdin = '') => manage(args, { db: own, cwd, stdin });
      await run(['migrate', '-v0']);
      await own.query("INSERT INTO club_team (code) VALUES ('red')");
      await own.query("INSERT INTO club_skill (name) VALUES ('chess')");
      await run(['createuser', '--no-input', '--email=a@b.co', '--full_name=A', '--team=red', '--skills=1']);
      const [before] = await own.query('SELECT * FROM club_member');
      expect((await run(['changepassword', 'a@b.co', '--password-stdin'], good)).exitCode).toBe(0);
      const [after] = await own.query('SELECT * FROM club_member');
      expect(after).toEqual({ ...before, pw: after?.pw });
      expect(await checkPassword(good, String(after?.pw))).toBe(true);
    } finally {
      await own.drop();
    }
  });
});
