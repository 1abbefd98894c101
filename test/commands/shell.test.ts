import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from '../../src/app/main.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => db.drop());

  test('runs code with the database, the registry and the API at hand', async () => {
    const code = `const [row] = await db('auth_group').count({ count: '*' });
      console.log(Number(row.count), registry.userModel.label, settings.timeZone, await checkPassword('x', '!'));`;
    const groups = (await db.query('SELECT * FROM auth_group')).length;
    const expected = { exitCode: 0, stdout: `${groups} auth.user UTC false\n`, stderr: '' };
    expect(await manage(['shell', '-c', code], { db })).toMatchObject(expected);
    expect(await manage(['shell'], { db, stdin: code })).toMatchObject(expected);
    expect(await manage(['shell', '--command', code], { db, env: {} })).toMatchObject(expected);
  });
});

test('works without a database, and says so', async () => {
  const { exitCode, stdout, stderr } = await manage(['shell', '-c', 'console.log(typeof db, typeof makePassword)'], {
    db: { url: 'sqlite:///none.sqlite3' },
  });
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'undefined function\n' });
  expect(stderr).toContain('`db` is not available');
});

test('ends with 1 where the code fails', async () => {
  const { exitCode, stderr } = await manage(['shell', '-c', "throw new Error('no luck')"]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain('no luck');
  expect(await manage(['shell', '-c', 'this is no code'])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^CommandError: The code is no JavaScript .*: Unexpected identifier 'is'\.\n$/m),
  });
  const code = '\nconst f = () => nope.x();\nf()';
  expect((await manage(['shell', '-c', code])).stderr).toMatch(
    /^ReferenceError: nope is not defined\n +at f \(line 2:\d+\)\n +at eval \(line 3:1\)\n$/m,
  );
});

test("asks and answers on the host's streams", async () => {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const written: string[] = [];
  const stdout = new Writable({
    write(chunk, _, done) {
      written.push(String(chunk));
      done();
    },
  });
  const cwd = temporaryFolder();
  const host = { stdin, stdout, stderr: new PassThrough().resume(), env: {}, cwd: () => cwd };
  stdin.end("['is', 6 * 7].join(' ')\n");
  expect(await main(['shell'], host)).toBe(0);
  expect(written.join('')).toContain("'is 42'");
});
