import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase, type Engine, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { type ManageOptions, manage, runManage, temporaryFolder } from '../helpers/manage.js';

/** Runs a command whose `run` has this body. */
function run(body: string, args: readonly string[] = [], options: ManageOptions = {}) {
  const cwd = temporaryFolder({
    'manage.config.json': '{}',
    'commands/demo.mjs': `export default {
      describe: 'x',
      options: { database: { type: 'string', default: 'default', choices: 'databases', describe: 'x' } },
      async run({ connect, terminal, signal }, { database }) { void terminal; void signal; ${body} },
    };`,
  });
  return manage(['demo', ...args], { cwd, ...options });
}

forEachEngine((engine) => {
  let db: TestDatabase;
  let other: TestDatabase;
  beforeEach(async () => {
    [db, other] = await Promise.all([createDatabase(engine), createDatabase(engine)]);
    await other.query('CREATE TABLE only_here (id integer)');
  });
  afterEach(async () => {
    await Promise.all([db.drop(), other.drop()]);
  });

  const tables = 'const c = await connect(database); return { json: await c.dialect.tableNames(c.db) };';

  test('--database chooses, before or after the command', async () => {
    const options = { db: { default: db, other } };
    expect((await run(tables, ['--json'], options)).json).toEqual([]);
    expect((await run(tables, ['--json', '--database', 'other'], options)).json).toEqual(['only_here']);
    const cwd = temporaryFolder({
      'manage.config.json': '{}',
      'commands/demo.mjs': `export default { describe: 'x', options: { database: { type: 'string', describe: 'x' } }, async run({ connect }, { database }) { ${tables} } };`,
    });
    expect((await manage(['--database=other', '--json', 'demo'], { ...options, cwd })).json).toEqual(['only_here']);
  });

  test('an alias that is not configured is wrong usage', async () => {
    const result = await run(tables, ['--database', 'nope'], { db: { default: db, other } });
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toContain("argument --database: invalid choice: 'nope' (choose from 'default', 'other')");
    expect(await run("await connect('nope');", [], { db })).toMatchObject({
      exitCode: 2,
      stderr: "manage demo: error: There is no database 'nope' in the settings.\nKnown are default.\n",
    });
  });

  test('what a command leaves behind opens nothing any more, and the process ends', async () => {
    const cwd = temporaryFolder({
      'manage.config.json': '{}',
      'commands/demo.mjs': `export default { describe: 'x', async run({ connect, terminal }) {
        process.once('beforeExit', () => connect().catch(({ message }) => process.stderr.write(message)));
      } };`,
    });
    expect(await runManage(['demo'], { cwd, db })).toMatchObject({ exitCode: 0, stderr: 'The command has ended.' });
  });

  test('a database is opened once a run, and again after it was closed', async () => {
    const body = `
      const first = await connect(); const second = await connect();
      const same = first.db === second.db;
      await first.close(); await first.close();
      const third = await connect();
      return { json: [same, third.db === first.db, await third.dialect.tableNames(third.db)] };`;
    expect((await run(body, ['--json'], { db })).json).toEqual([true, false, []]);
  });

  test('each connection has the models that it was asked for, whatever came first', async () => {
    const body = `
      const tables = async (options) => (await connect('default', options)).registry.models.map(({ table }) => table);
      const [found, declared, again] = [await tables(), await tables({ declared: true }), await tables()];
      return { json: [found, declared, again].map((each) => each.includes('with_key')) };`;
    await other.query('CREATE TABLE with_key (id integer PRIMARY KEY)');
    const { json } = await run(body, ['--json', '--introspect'], { db: other });
    expect(json).toEqual([true, false, true]);
  });

  const sessions: Record<Engine, (() => Promise<number>) | undefined> = {
    sqlite: undefined,
    postgres: async () => {
      const [row] = await db.query(
        'SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      return Number(row?.n);
    },
    mariadb: async () => {
      const [row] = await db.query(
        'SELECT count(*) AS n FROM information_schema.processlist WHERE db = database() AND id <> connection_id()',
      );
      return Number(row?.n);
    },
  };

  test.each([
    ['', 0],
    ["throw new Error('oops');", 1],
    ["await db.raw('BEGIN'); await db.raw('CREATE TABLE t (id integer)');", 0],
  ])('connections are closed after %j', async (body, exitCode) => {
    const result = await run(`const { db } = await connect(); await db.raw('SELECT 1'); ${body}`, [], { db });
    expect(result.exitCode).toBe(exitCode);
    expect((await sessions[engine]?.()) ?? 0).toBe(0);
  });

  test('an error of the database that a person can mend is a sentence', async () => {
    const { exitCode, stderr } = await run("const { db } = await connect(); await db('no_such_table').select();", [], {
      db,
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^CommandError: .*no_such_table/);
    expect(stderr).not.toContain('    at ');
  });

  test('no other error shows what was bound to the query', async () => {
    await db.query('CREATE TABLE t (secret integer NOT NULL, name varchar(20) NOT NULL UNIQUE)');
    await db.query("INSERT INTO t VALUES (1, 'bob')");
    const body = "const { db } = await connect(); await db('t').insert({ name: 'bob', secret: 77712345 });";
    const { exitCode, stdout, stderr } = await run(body, [], { db });
    expect(exitCode).toBe(1);
    expect(stdout + stderr).not.toContain('77712345');
    const traceback = await run(body, ['--traceback'], { db });
    expect(traceback.stderr).not.toContain('77712345');
  });
});

describe('a file that does not exist', () => {
  test('is named, and not made', async () => {
    const cwd = temporaryFolder();
    const url = `sqlite:///${join(cwd, 'no.sqlite3')}`;
    const { exitCode, stderr } = await run('await connect();', [], { db: { url } });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(join(cwd, 'no.sqlite3'));
    expect(existsSync(join(cwd, 'no.sqlite3'))).toBe(false);
  });

  test('may be made after a first try', async () => {
    const url = `sqlite:///${join(temporaryFolder(), 'new.sqlite3')}`;
    const body = 'await connect().catch(() => {}); await connect(undefined, { create: true });';
    expect(await run(body, [], { db: { url } })).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

test('a password of a database that cannot be reached is not shown', async () => {
  const db = { url: 'postgres://me:hunter2@127.0.0.1:1/d' };
  for (const args of [[], ['--traceback'], ['--json']]) {
    const { exitCode, stdout, stderr } = await run('await connect();', args, { db });
    expect(exitCode).toBe(1);
    expect(stdout + stderr).not.toContain('hunter2');
  }
});
