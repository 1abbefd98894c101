import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPassword, makePassword } from '../../src/auth/passwords/hashers.js';
import { cpuTimeMs } from '../helpers/cpu-time.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { Cancel, manage, temporaryFolder } from '../helpers/manage.js';

const name = 'user.01@+-_';
const good = 'Nfe2RePun70C';

/** Where there is no hash to check, as much work is done as one of these rounds takes. */
const quick = { passwordIterations: 1000 };
/** As few rounds as the formats have, for both engines. */
const hashes = {
  pbkdf2_sha256: makePassword(good, { iterations: 1000 }),
  pbkdf2_sha1: makePassword(good, { hasher: 'pbkdf2_sha1', iterations: 1000 }),
  argon2: makePassword(good, { hasher: 'argon2' }),
  bcrypt_sha256: makePassword(good, { hasher: 'bcrypt_sha256', salt: '$2b$04$JCwXg312NtjVOnU.scJtVe' }),
  bcrypt: makePassword(good, { hasher: 'bcrypt', salt: '$2b$04$JCwXg312NtjVOnU.scJtVe' }),
  scrypt: makePassword(good, { hasher: 'scrypt' }),
  md5: makePassword(good, { hasher: 'md5' }),
};

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => db.drop());

  const row = async () => (await db.query('SELECT * FROM auth_user WHERE username = ?', [name]))[0];
  const store = async (encoded: string) => {
    await db.query('UPDATE auth_user SET password = ? WHERE username = ?', [encoded, name]);
    return row();
  };
  const check = (stdin: string, ...args: string[]) =>
    manage(['checkpassword', name, '--password-stdin', ...args], { db, stdin });
  const quickly = (stdin: string, ...args: string[]) =>
    manage(['checkpassword', name, '--password-stdin', ...args], { db, stdin, config: quick });

  it.each(Object.entries(hashes))(
    'knows a password that was hashed with %s, and writes nothing',
    async (_, encoded) => {
      const before = await store(await encoded);
      const right = await check(`${good}\n`);
      expect(right).toMatchObject({ exitCode: 0, stdout: `The password of user '${name}' is correct.\n` });
      const wrong = await quickly(`${good}x\n`);
      expect(wrong).toMatchObject({ exitCode: 1, stdout: `The password of user '${name}' is wrong.\n` });
      expect(wrong.stderr).toBe('');
      expect(await row()).toEqual(before);
    },
  );

  it('knows a hash that nobody can verify, and so do listusers and check', async () => {
    for (const [id, encoded] of [
      [3, 'plain text'],
      [4, '$2y$10$abcdefghijklmnopqrstuv'],
      [5, '$P$Babcdefghijklmnopqrstuvwxyz12345'],
    ]) {
      await db.query('UPDATE auth_user SET password = ? WHERE id = ?', [encoded, id]);
    }
    await store('$2y$10$abcdefghijklmnopqrstuv');
    const { json } = await quickly('x\n', '--json');
    expect(json).toMatchObject({ matches: false, usable: false, reason: 'unknown' });
    const listed = async (...args: string[]) =>
      (await manage(['listusers', '--format', 'ids', ...args], { db })).stdout;
    expect(await listed('--password', 'unknown')).toBe('2\n3\n4\n5\n');
    expect(await listed('--password', 'unknown', '--limit', '2', '--sort', 'id')).toBe('2\n3\n');
    expect((await manage(['check'], { db })).stdout).toContain(
      '(manage.W066) The passwords of 4 accounts cannot be verified: user.01@+-_, user.02@+-_',
    );
  });

  it('has a document for programs', async () => {
    await store(await makePassword(good, { hasher: 'md5' }));
    const document = { username: name, usable: true, reason: null, algorithm: 'md5', outdated: true };
    expect(await check(good, '--json')).toMatchObject({ exitCode: 0, json: { ...document, matches: true } });
    expect(await check('x', '--json')).toMatchObject({ exitCode: 1, json: { ...document, matches: false } });
  });

  it.each([
    ['an unusable password', '!', 'has an unusable password: password logins are disabled.'],
    ['no password at all', '', 'is not a known password hash: it is plain text, or the hash of another system.'],
    [
      'a foreign format',
      'crypt$ab$cd',
      'is not a known password hash: it is plain text, or the hash of another system.',
    ],
    ['a cut hash', 'pbkdf2_sha256$1$s$AAAA', 'is broken: no password matches it.'],
    ['an absurd hash', `pbkdf2_sha256$1000000000$s$${'A'.repeat(43)}=`, 'is broken: no password matches it.'],
  ])('says so of a user with %s', async (_, encoded, sentence) => {
    await store(encoded);
    const result = await quickly(good);
    expect(result).toMatchObject({ exitCode: 1, stdout: expect.stringContaining(sentence), stderr: '' });
  });

  it.each([
    ['!', 'unusable'],
    ['secret in plain text', 'unknown'],
    ['$2y$10$abcdefghijklmnopqrstuv', 'unknown'],
    ['pbkdf2_sha256$1$s$AAAA', 'broken'],
  ])('tells programs why nobody can log in with %s', async (encoded, reason) => {
    await store(encoded);
    expect((await quickly(good, '--json')).json).toMatchObject({ matches: false, usable: false, reason });
  });

  it('takes the password from a file and from a question', async () => {
    await store(await hashes.md5);
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'pw'), `${good}\n`);
    expect(await manage(['checkpassword', name, '--password-file=pw'], { db, cwd })).toMatchObject({ exitCode: 0 });
    const asked = await manage(['checkpassword', name], { db, answers: [[/^Password: $/, good]] });
    expect(asked.exitCode).toBe(0);
    const cancelled = await manage(['checkpassword', name], { db, answers: [['Password: ', Cancel]] });
    expect(cancelled).toMatchObject({ exitCode: 130, stdout: '', stderr: 'Operation cancelled.\n' });
  });

  it.each([
    [[name], '--password-stdin'],
    [[name, '--no-input'], '--password-stdin'],
    [[], 'required: user'],
    [[name, '--password-stdin', '--password-file=x'], 'cannot be used together'],
  ])('takes %j for wrong usage', async (args, message) => {
    const result = await manage(['checkpassword', ...args], { db, stdin: good });
    expect(result).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  it.each(['nobody', ...(engine === 'mariadb' ? [] : ['USER.01@+-_']), ' user.01@+-_', 'a\0b'])(
    'does not know the user %j',
    async (username) => {
      const result = await manage(['checkpassword', username, '--password-stdin'], { db, stdin: good, config: quick });
      expect(result).toMatchObject({ exitCode: 1, stdout: '' });
      expect(result.stderr).toContain('does not exist');
    },
  );

  it('takes as long for a user who does not exist', async () => {
    await store(await makePassword(good));
    const time = (username: string, config = {}) =>
      cpuTimeMs(() => manage(['checkpassword', username, '--password-stdin'], { db, stdin: 'wrong', config }));
    await time(name);
    const [known, unknown] = [await time(name), await time('nobody')];
    expect(unknown).toBeGreaterThan(known / 4);
    // Nor longer where the project's hashes have fewer rounds.
    expect(await time('nobody', quick)).toBeLessThan(unknown / 2);
  });

  describe('--upgrade', () => {
    it('hashes an outdated password again, writes nothing else, and says that sessions end', async () => {
      const before = await store(await hashes.pbkdf2_sha256);
      const hinted = await check(good);
      expect(hinted.stderr).toContain('--upgrade makes a new one');
      expect(await row()).toEqual(before);
      expect((await quickly('wrong', '--upgrade')).exitCode).toBe(1);
      expect(await row()).toEqual(before);

      const result = await check(good, '--upgrade');
      expect(result.stdout).toBe(
        `The password of user '${name}' is correct.\nHashed it again with pbkdf2_sha256: sessions of user '${name}' end.\n`,
      );
      const after = await row();
      expect(after).toEqual({ ...before, password: after?.password });
      expect(after?.password).toMatch(/^pbkdf2_sha256\$1000000\$/);
      expect(await checkPassword(good, String(after?.password))).toBe(true);
      expect((await check(good, '--upgrade', '--json')).json).toMatchObject({ outdated: false, upgraded: false });
      expect(await row()).toEqual(after);
    });

    it('leaves what a newer Django made as strong as it is', async () => {
      const before = await store(await makePassword(good, { iterations: 1_000_500 }));
      expect((await check(good, '--upgrade', '--json')).json).toMatchObject({ outdated: false, upgraded: false });
      expect(await row()).toEqual(before);
      // What is made beside it has as many rounds, unless the settings say otherwise.
      await db.query('UPDATE auth_user SET password = ? WHERE id = 3', [
        await makePassword(good, { iterations: 1000 }),
      ]);
      const [{ username } = {}] = await db.query('SELECT username FROM auth_user WHERE id = 3');
      const upgrade = ['checkpassword', String(username), '--password-stdin', '--upgrade'];
      const rounds = async () =>
        String((await db.query('SELECT password FROM auth_user WHERE id = 3'))[0]?.password).split('$')[1];
      await manage(upgrade, { db, stdin: good });
      expect(await rounds()).toBe('1000500');
      await manage(['changepassword', String(username), '--generate'], { db, config: { passwordIterations: 2000 } });
      expect(await rounds()).toBe('2000');
      const created = ['createuser', '--no-input', '--username=new', '--email=', '--password-stdin'];
      await manage(created, { db, stdin: good });
      const [made] = await db.query("SELECT password FROM auth_user WHERE username = 'new'");
      expect(made?.password).toMatch(/^pbkdf2_sha256\$1000500\$/);
    });

    it('uses the first of passwordHashers', async () => {
      await store(await hashes.pbkdf2_sha256);
      const config = { passwordHashers: ['django.contrib.auth.hashers.ScryptPasswordHasher', 'pbkdf2_sha256'] };
      const result = await manage(['checkpassword', name, '--password-stdin', '--upgrade', '--json'], {
        db,
        stdin: good,
        config,
      });
      expect(result.json).toMatchObject({ algorithm: 'pbkdf2_sha256', outdated: true, upgraded: true });
      expect((await row())?.password).toMatch(/^scrypt\$16384\$/);
    });
  });

  it('says of an inactive user, and of a hash that Django may refuse', async () => {
    await store(await makePassword(good, { hasher: 'md5' }));
    await db.query('UPDATE auth_user SET is_active = ? WHERE username = ?', [engine === 'sqlite' ? 0 : false, name]);
    const { exitCode, stderr } = await check(good);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('is not active and cannot log in');
    expect(stderr).toContain('a Django with the same list refuses it');
  });
});
