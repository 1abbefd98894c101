import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clubFiles } from '../helpers/club.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

const { hashes } = JSON.parse(readFileSync(join(import.meta.dirname, '../data/vectors/foreign_hashes.json'), 'utf8'));

forEachEngine((engine) => {
  let db: TestDatabase;
  let cwd: string;
  const run = (args: string[], stdin: string | Uint8Array = '') => manage(args, { db, cwd, stdin });
  const names = async () =>
    (await db.query('SELECT username FROM auth_user ORDER BY username')).map(({ username }) => username);
  beforeEach(async () => {
    db = await createDatabase(engine);
    cwd = temporaryFolder();
    await run(['migrate', '-v0']);
    await run(['creategroup', 'editors']);
  });
  afterEach(() => db.drop());

  it('reads what a spreadsheet on Windows has written in UTF-16', async () => {
    writeFileSync(join(cwd, 'users.csv'), Buffer.from('\uFEFFusername,email\r\nbjörn,b@example.com\r\n', 'utf16le'));
    expect(await run(['importusers', 'users.csv'])).toMatchObject({ exitCode: 0 });
    expect(await names()).toEqual(['björn']);
    const groups = Buffer.from('\uFEFFgroups:\r\n  - name: Zoë\r\n    permissions: []\r\n', 'utf16le');
    writeFileSync(join(cwd, 'groups.yaml'), groups);
    expect(await run(['applyaccess', 'groups.yaml'])).toMatchObject({ exitCode: 0 });
    expect((await run(['listgroups', '--json'])).stdout).toContain('Zoë');
    const piped = await run(['applyaccess', '-', '--check'], groups);
    expect(piped).toMatchObject({ exitCode: 0, stderr: '' });
    // Half of a character at its end.
    writeFileSync(
      join(cwd, 'broken.csv'),
      Buffer.concat([Buffer.from('\uFEFFusername\r\n', 'utf16le'), Buffer.from([0])]),
    );
    expect(await run(['importusers', 'broken.csv'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("The file 'broken.csv' cannot be read: it is not written in UTF-16LE"),
    });
  });

  it('imports every hash of the vectors, which are then verified', async () => {
    // biome-ignore lint/suspicious/noExplicitAny: hashes of every shape
    const first = hashes.filter(({ password }: any) => password.startsWith('secret') || password.startsWith('user1'));
    // biome-ignore lint/suspicious/noExplicitAny: hashes of every shape
    const rows = first.map(({ stored, kind, salt, project }: any, at: number) => ({
      username: `user${at}`,
      password_hash: project === undefined ? stored : { ...stored, project },
      ...(kind === undefined && salt === undefined ? {} : { algorithm: kind ?? 'md5', salt }),
    }));
    writeFileSync(join(cwd, 'users.json'), JSON.stringify(rows));
    const { json, exitCode } = await run(['importusers', 'users.json', '--emit-hashers=foreign.py', '--json']);
    expect({ exitCode, created: json.created, errors: json.errors }).toEqual({
      exitCode: 0,
      created: rows.length,
      errors: [],
    });
    expect(json.hashers).toContain('foreign.PhpassPasswordHasher');
    expect(readFileSync(join(cwd, 'foreign.py'), 'utf8')).toContain(
      'class PhpassPasswordHasher(ForeignPasswordHasher):',
    );
    for (const [at, { password }] of first.entries()) {
      const checked = await run(['checkpassword', `user${at}`, '--password-stdin', '--json'], password);
      expect({ at, matches: checked.json.matches, outdated: checked.json.outdated }).toEqual({
        at,
        matches: true,
        outdated: true,
      });
    }
    expect((await run(['checkpassword', 'user2', '--password-stdin'], 'secreT')).exitCode).toBe(1);
    await run(['checkpassword', 'user2', '--password-stdin', '--upgrade'], 'secret');
    const [row] = await db.query("SELECT password FROM auth_user WHERE username = 'user2'");
    expect(row?.password).toMatch(/^pbkdf2_sha256\$/);
  });

  it('repeats no cell of a file whose first line names no columns', async () => {
    for (const csv of ['ada,Correct-Horse-1\nbob,Correct-Horse-2\n', 'ada,Correct-Horse-1,Correct-Horse-1\nbob,a,b\n'])
      for (const options of [[], ['--skip-errors'], ['--skip-errors', '--json']]) {
        const { stdout, stderr, exitCode } = await run(['importusers', '-', ...options], csv);
        expect({ options, exitCode, leak: /Horse/.test(stdout + stderr) }).toEqual({
          options,
          exitCode: 1,
          leak: false,
        });
        expect(stderr).toMatch(
          /No column has a name that is known here\. No user was imported\.|Column 3 has the name of/,
        );
      }
    const { stderr } = await run(['importusers', '-', '--skip-errors'], 'ada,Correct-Horse-1\nbob,Correct-Horse-2\n');
    expect(stderr).toContain('--columns');
    expect(await names()).toEqual([]);
  });

  it('says of a file without a column for the names what to call it', async () => {
    const { stderr, exitCode } = await run(['importusers', '-'], 'Benutzername;email\nada;ada@example.org\n');
    expect({ stderr, exitCode }).toEqual({
      stderr: expect.stringMatching(/^CommandError: No column is the username\. No user was imported\.\n.*--map/),
      exitCode: 1,
    });
  });

  it('reads CSV with the names of other systems, quotes, and columns that mean nothing', async () => {
    const csv =
      '\ufeffLogin;E-Mail;First Name;Active;Roles;Created;Shoe size\r\n' +
      '"ann;1";Ann@EXAMPLE.org;"Ann ""A""\nB";no;editors;2024-05-06T07:08:09Z;41\r\n' +
      'bob;;Bob;yes;;;\r\n';
    const bad = await run(['importusers', '-'], csv);
    expect(bad).toMatchObject({ exitCode: 1 });
    expect(bad.stderr).toContain('Row 2: username: Enter a valid username.');
    const { json, stderr } = await run(
      ['importusers', '-', '--json', '--group=editors'],
      csv.replace('"ann;1"', 'ann'),
    );
    expect(json).toMatchObject({ read: 2, created: 2, ignored: ['Shoe size'], algorithms: { unusable: 2 } });
    expect(stderr).toContain('Shoe size');
    const rows = await db.query('SELECT username, email, first_name, is_active FROM auth_user ORDER BY id');
    const flag = (value: boolean) => (engine === 'postgres' ? value : Number(value));
    expect(rows).toEqual([
      { username: 'ann', email: 'Ann@example.org', first_name: 'Ann "A"\nB', is_active: flag(false) },
      { username: 'bob', email: '', first_name: 'Bob', is_active: flag(true) },
    ]);
    expect(await db.query('SELECT count(*) AS n FROM auth_user_groups')).toEqual([
      { n: engine === 'sqlite' ? 2 : '2' },
    ]);
  });

  it('imports all or nothing, or all that can be with a report of lines', async () => {
    const lines = [
      '{"username": "a", "password": "geheim 1"}',
      '{"username": "b", "password_hash": "x"}',
      '{"username": "a"}',
      '{"email": "q"}',
      '{"username": "c", "groups": ["nope"]}',
      '{"username": "d", "is_staff": true}',
    ].join('\n');
    const nothing = await run(['importusers', '-'], lines);
    expect(nothing.stderr).toContain('Row 2: password_hash: This is not a known password hash.');
    expect(await names()).toEqual([]);
    const some = await run(['importusers', '-', '--skip-errors', '--json'], lines);
    expect(some).toMatchObject({ exitCode: 0, json: { created: 2, skipped: 4 } });
    expect(some.json.errors.map(({ line }: { line: number }) => line).sort()).toEqual([2, 3, 4, 5]);
    expect(await names()).toEqual(['a', 'd']);
    expect((await run(['checkpassword', 'a', '--password-stdin'], 'geheim 1')).exitCode).toBe(0);
    expect((await run(['importusers', '-'], '{"username": "a"}')).stderr).toContain(
      "The username 'a' is already taken.",
    );
    expect(
      (await run(['importusers', '-', '--if-not-exists', '--json'], '{"username": "a"}\n{"username": "e"}')).json,
    ).toMatchObject({ created: 1, kept: 1 });
    const dry = await run(['importusers', '-', '--dry-run', '--json'], '{"username": "f"}');
    expect(dry.json).toMatchObject({ created: 1, dryRun: true });
    expect(await names()).toEqual(['a', 'd', 'e']);
  });

  it('changes accounts that are there, in fields that are given alone', async () => {
    await run(['importusers', '-'], '[{"username": "a", "first_name": "A", "email": "a@x.org"}]');
    await run(['createuser', '--no-input', '--username=boss', '--email=']);
    const { json } = await run(
      ['importusers', '-', '--update', '--actor=boss', '--json'],
      'username,last_name,groups\na,Z,editors\nb,Y,\n',
    );
    expect(json).toMatchObject({ created: 1, updated: 1 });
    expect(await db.query("SELECT first_name, last_name, email FROM auth_user WHERE username = 'a'")).toEqual([
      { first_name: 'A', last_name: 'Z', email: 'a@x.org' },
    ]);
    const { entries } = (await run(['listlog', '--json'])).json;
    expect(entries.map(({ object, message }: Record<string, string>) => [object, message]).sort()).toEqual([
      ['a', 'Changed Last name.'],
      ['b', 'Added.'],
    ]);
  });

  it('says what is wrong with a file', async () => {
    const message = async (stdin: string, ...args: string[]) =>
      (await run(['importusers', '-', ...args], stdin)).stderr;
    expect(await message('')).toContain('There is nothing to import.');
    expect(await message('[{"username": "a"}')).toContain('the file is cut');
    expect(await message('{"username": "a"}\n{"username": \n')).toContain(
      'Record 2 is not valid JSON. No user was imported.',
    );
    expect(await message('username\n"a\n')).toContain('that begins in line 2 does not end. No user');
    expect(await message('username\na,b\n')).toContain('Line 2 has 2 cells');
    expect(await message('username,email\na,nope\n')).toContain('Row 2: email: Enter a valid email address.');
    expect(await message('name\na\n', '--map=name=usernam')).toContain('Did you mean username?');
    expect(await message('username,password_hash\na,5ebe2294ecd0e0f08eab7690d2a6ee69\n')).toContain(
      'need an `algorithm`',
    );
    expect((await run(['importusers', 'nope.csv'])).stderr).toContain(
      "The file 'nope.csv' cannot be read: no such file or directory (ENOENT).",
    );
    expect((await run(['importusers', '.'])).stderr).toMatch(
      /^CommandError: The file '\.' cannot be read: .* \(EISDIR\)\.$/m,
    );
    const hashers = ['importusers', '-', '--emit-hashers'];
    for (const [place, code] of [
      ['nowhere/foreign.py', 'ENOENT'],
      ['.', 'EISDIR'],
    ] as const) {
      const { exitCode, stderr } = await run([...hashers, place], 'username\nada\n');
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`The file '${place}' cannot be written: `);
      expect(stderr).toContain(`(${code}).`);
    }
    expect(await names()).toEqual([]);
    expect(existsSync(join(cwd, 'foreign.py'))).toBe(false);
  });

  it('takes no letters that are not in UTF-8, and says in which line they are', async () => {
    for (const name of ['Zo\u00eb', '\u00eb']) {
      const text = Buffer.from(`username,first_name\nada,Ada\nzoe,${name}`, 'latin1');
      const { exitCode, stderr } = await manage(['importusers', '-', '--skip-errors'], { db, cwd, stdin: text });
      expect(exitCode).toBe(1);
      expect(stderr).toContain('Line 3 is not written in UTF-8. No user was imported.\nSave the file in UTF-8');
    }
    expect(await db.query('SELECT username FROM auth_user')).toEqual([]);
  });

  it("passes over Excel's line about the separator", async () => {
    const { json } = await run(['importusers', '-', '--json'], 'sep=;\r\nusername;first_name\r\nada;A, B\r\n');
    expect(json).toMatchObject({ created: 1, errors: [] });
    expect(await db.query('SELECT first_name FROM auth_user')).toEqual([{ first_name: 'A, B' }]);
  });

  it('takes no hash for a password, whole or cut', async () => {
    const hash = 'pbkdf2_sha256$1000$salt$RLB5hEQK4Dr5Vbj0NvHmqkBpXW6vEZLIQfb8xGi7UCE=';
    const bad = [
      hash,
      hash.slice(0, 30),
      '$2y$05$IJAewzOdRWqCQLN',
      '{SSHA}0c0blFTXXNu',
      { hash },
      true,
      `!${'a'.repeat(40)}`,
    ];
    const lines = [...bad.map((password) => ({ password })), { password: 'x', algorithm: 'md5' }];
    const rows = lines.map((line, at) => JSON.stringify({ username: `u${at}`, ...line })).join('\n');
    const { json, stderr } = await run(['importusers', '-', '--skip-errors', '--json'], rows);
    expect(json).toMatchObject({ created: 0, skipped: lines.length });
    expect(stderr + JSON.stringify(json)).not.toContain('IJAewz');
    const marked = '{"username": "a", "password": "My$ecret$1"}\n{"username": "b", "password_hash": "cleartext$md5$x"}';
    expect((await run(['importusers', '-', '--json'], marked)).json).toMatchObject({ created: 2 });
    expect((await run(['checkpassword', 'b', '--password-stdin'], 'md5$x')).exitCode).toBe(0);
  });

  it('imports into an own user model', async () => {
    const other = await createDatabase(engine);
    const folder = temporaryFolder(clubFiles);
    const club = (args: string[], stdin = '') => manage(args, { db: other, cwd: folder, stdin });
    await club(['migrate', '-v0']);
    await other.query("INSERT INTO club_team (code) VALUES ('red')");
    const csv =
      'email,full_name,team,born,password_hash,algorithm\nAda@EXAMPLE.org,Ada,red,1990-01-02,5ebe2294ecd0e0f08eab7690d2a6ee69,md5\n';
    expect(await club(['importusers', '-'], csv)).toMatchObject({ exitCode: 0 });
    expect((await club(['checkpassword', 'Ada@example.org', '--password-stdin'], 'secret')).exitCode).toBe(0);
    expect((await club(['importusers', '-'], 'email,full_name\nb@example.org,B\n')).stderr).toContain(
      'team: It has neither a value nor a default.',
    );
    await other.drop();
  });
});
