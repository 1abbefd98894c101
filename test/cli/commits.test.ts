import { EventEmitter } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { main } from '../../src/app/main.js';
import { openProject } from '../../src/app/project.js';
import { populate } from '../../src/rows/populate/populate.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { temporaryFolder } from '../helpers/manage.js';

forEachEngine((engine) => {
  let db: TestDatabase;
  const count = async (table: string) => Number((await db.query(`SELECT count(*) AS n FROM ${table}`))[0]?.n);

  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    return db.drop();
  });

  /** A run that gets SIGTERM when its output has `word`, or when code of the project sends one. */
  const interrupted = async (args: string[], word: string, cwd = temporaryFolder()) => {
    const events = new EventEmitter();
    vi.stubGlobal('interruptTheRun', () => events.emit('SIGTERM'));
    const text = { stdout: '', stderr: '' };
    const collect = (name: keyof typeof text) =>
      new Writable({
        write(chunk, _, done) {
          text[name] += chunk;
          if (String(chunk).includes(word)) events.emit('SIGTERM');
          done();
        },
      });
    const exitCode = await main(args, {
      stdin: Readable.from([]),
      stdout: collect('stdout'),
      stderr: collect('stderr'),
      env: { DATABASE_URL: db.url },
      cwd: () => cwd,
      on: (event, listener) => events.on(event, listener),
      off: (event, listener) => events.off(event, listener),
    });
    return { exitCode, ...text };
  };

  test.each([[[]], [['--json']]])('what is committed is reported, whatever comes then (flush %j)', async (more) => {
    const { exitCode, stdout, stderr } = await interrupted(
      ['flush', '--no-input', '--cascade', ...more],
      more.length > 0 ? '"flushed":true' : 'Removed',
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(more.length > 0 ? /"flushed":\s*true/ : /^Removed \d+ rows/);
    expect(await count('auth_user')).toBe(0);
  });

  test('what is not yet committed is rolled back', async () => {
    const cwd = temporaryFolder({
      'manage.config.json': '{}',
      'seeds/one.mjs': `export async function seed(knex) {
        await knex('auth_group').insert({ name: 'of the seed' });
        globalThis.interruptTheRun();
      }`,
    });
    const groups = await count('auth_group');
    const result = await interrupted(['populate_db', '--only', 'one', '--no-input'], 'nothing', cwd);
    expect(result).toEqual({ exitCode: 143, stdout: '', stderr: 'Operation cancelled.\n' });
    expect(await count('auth_group')).toBe(groups);
  });

  test('nothing of rows that are made up is left behind an interruption', async () => {
    const project = await openProject({ cwd: temporaryFolder(), env: { DATABASE_URL: db.url } });
    const connection = await project.connect();
    const tables = ['auth_user', 'auth_group', 'auth_user_groups', 'django_session'];
    const before = await Promise.all(tables.map(count));
    try {
      const stop = new AbortController();
      const many = {
        users: 20_000,
        groups: 5,
        sessions: 20_000,
        logEntries: 0,
        secretKey: 'k',
        sessionAge: 1000,
        now: new Date(),
      };
      const made = populate(connection, { ...many, signal: stop.signal, onProgress: () => stop.abort() });
      await expect(made).rejects.toThrow('Operation cancelled.');
      await sleep(500);
    } finally {
      await connection.close();
    }
    expect(await Promise.all(tables.map(count))).toEqual(before);
  });
});
