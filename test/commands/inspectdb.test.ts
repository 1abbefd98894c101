import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => db.drop());

  test('prints a module that can be used', async () => {
    const { stdout, exitCode } = await manage(['inspectdb'], { db });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("author: { type: 'ForeignKey', to: 'auth.user', null: true, blank: true },");
    expect(stdout).toContain("parent: { type: 'ForeignKey', to: 'self', null: true, blank: true },");
    expect(stdout).toMatch(/manyToMany: \{\s+tags: \{ to: 'blogapp.tag'/);
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'blogapp.ts'), stdout);
    writeFileSync(
      join(cwd, 'manage.config.ts'),
      "import { blogapp } from './blogapp.js';\nexport default { apps: [blogapp] };\n",
    );
    const used = await manage(['dumpdata', 'blogapp'], { db, cwd });
    expect({ exitCode: used.exitCode, stderr: used.stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(used.stdout).toBe((await manage(['--introspect', 'dumpdata', 'blogapp'], { db })).stdout);
    expect((await manage(['flush', '--dry-run'], { db, cwd })).exitCode).toBe(0);
  });

  test('prints some tables, and says why it leaves others out', async () => {
    await db.query('CREATE TABLE "it\'s odd" (a integer, b integer)');
    const tables = ['blogapp_tag', 'auth_user', 'blogapp_post_tags', "it's odd", 'nope'];
    const { json, exitCode } = await manage(['inspectdb', '--json', ...tables], { db });
    expect(exitCode).toBe(0);
    expect(json.apps).toEqual([
      {
        label: 'blogapp',
        models: {
          Tag: { fields: { name: { type: 'CharField', maxLength: 50, primaryKey: true } }, verboseName: 'tag' },
        },
      },
    ]);
    expect(json.notes).toEqual([
      expect.stringContaining("'auth_user' is one of Django's own"),
      expect.stringContaining("'blogapp_post_tags' only links two others"),
      expect.stringContaining('has no primary key'),
      "Unable to inspect table 'nope': there is no such table.",
    ]);
  });

  if (engine === 'postgres') {
    test('prints the size of a type that has no field', async () => {
      await db.query('CREATE TABLE flags (id integer PRIMARY KEY, five bit(5), more bit varying(7), at timetz(3))');
      const { stdout } = await manage(['inspectdb', 'flags'], { db });
      for (const type of ['bit(5)', 'bit varying(7)', 'time(3) with time zone']) {
        expect(stdout).toContain(`dbType: '${type}'`);
      }
    });

    test('takes partitions where it is told to, and their rows only once', async () => {
      await db.query('CREATE TABLE log (id integer PRIMARY KEY, what text) PARTITION BY RANGE (id)');
      await db.query('CREATE TABLE log_old PARTITION OF log FOR VALUES FROM (0) TO (100)');
      await db.query("INSERT INTO log VALUES (1, 'x')");
      const tables = async (...args: string[]) =>
        Object.keys((await manage(['inspectdb', '--json', ...args], { db })).json.apps.at(-1).models);
      expect(await tables()).toEqual(['Log']);
      expect(await tables('--include-partitions')).toEqual(['Log', 'LogOld']);
      const { stdout } = await manage(['--introspect', 'dumpdata', 'tables'], { db });
      expect(JSON.parse(stdout)).toEqual([{ model: 'tables.log', pk: 1, fields: { what: 'x' } }]);
      expect((await manage(['--introspect', 'flush', 'tables', '--no-input', '--json'], { db })).json.rows).toBe(1);
    });
  }

  if (engine === 'sqlite') {
    test('reads types that are written in quotes', async () => {
      await db.query('CREATE TABLE q (id integer PRIMARY KEY, a "smallint unsigned", [b] [varchar](20), c `bool`)');
      const { stdout } = await manage(['inspectdb', 'q'], { db });
      for (const field of [
        "a: { type: 'PositiveSmallIntegerField',",
        "b: { type: 'CharField', maxLength: 20,",
        "c: { type: 'BooleanField',",
      ])
        expect(stdout).toContain(field);
    });
  }

  test('prints code where names have line breaks', async () => {
    const breaks = ['\n', '\r', '\u2028', '\u2029'];
    for (const [at, end] of breaks.entries()) {
      await db.query(`CREATE TABLE "x${at}${end}throw new Error('ran')//" (a integer, b integer)`);
      await db.query(
        `CREATE TABLE "y${at}${end}throw new Error('ran')//" (id integer PRIMARY KEY, "a${end}throw 1//" integer)`,
      );
    }
    const { stdout } = await manage(['inspectdb'], { db });
    expect(stdout.match(/throw new Error/g)?.length).toBeGreaterThanOrEqual(breaks.length);
    for (const line of stdout.split(/[\n\r\u2028\u2029]/)) expect(line).not.toMatch(/^\s*throw/);
    const cwd = temporaryFolder({ 'shop.ts': stdout, 'manage.config.ts': "import './shop.js';\nexport default {};\n" });
    expect(await manage(['version'], { cwd })).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await manage(['diffsettings'], { cwd })).stderr).toBe('');
  });

  test('takes views where it is told to', async () => {
    await db.query('CREATE VIEW blogapp_short AS SELECT name FROM blogapp_tag');
    expect((await manage(['inspectdb'], { db })).stdout).not.toContain('short');
    const { json } = await manage(['inspectdb', '--include-views', '--json', 'blogapp_short'], { db });
    const { fields, managed } = json.apps[0].models.Short;
    expect({ managed, names: Object.keys(fields) }).toEqual({ managed: false, names: ['name'] });
    expect(fields.name.primaryKey).toBe(true);
  });
});
