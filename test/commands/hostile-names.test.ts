import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

const names = [
  ...[
    'select',
    'or"der ?',
    "Tëst 表 it's",
    'a\\b $1 :x',
    'a\\?b \\\\? ?',
    'select.group',
    'other.auth_user',
    'auth_group as g',
    'tick`ed',
    '*/ x',
  ],
  ...['٣ digits', '1.5', 'a[1]', ' AS ', 'x.y as z.w', 'auth_group.name', '$(x)', 'b.'],
];
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

forEachEngine((engine) => {
  // No name of MariaDB ends with a space.
  const tables = engine === 'mariadb' ? names.map((name) => name.trimEnd()) : names;
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
    expect((await manage(['migrate', '-v0'], { db })).exitCode).toBe(0);
    for (const [index, table] of tables.entries()) {
      const before = quoted(tables[index - 1] ?? 'auth_group');
      // MariaDB wants the column to be named, and has no references that wait.
      const referred = engine === 'mariadb' ? `(${index === 0 ? 'id' : '"key ""?"'})` : 'DEFERRABLE INITIALLY DEFERRED';
      await db.query(
        `CREATE TABLE ${quoted(table)} ("key ""?" integer PRIMARY KEY, "group" varchar(20) UNIQUE, "größe ?" integer,
         "to 'it'" integer REFERENCES ${before} ${referred}, "group.x" varchar(20), "a as b" integer,
         "\`*/[1]" integer, "٣" integer, "x²" integer, "½" integer, "auth_group.name" integer, "<a b=""'&" integer, "b\\?" integer)`,
      );
    }
    await db.query('INSERT INTO auth_group (id, name) VALUES (?, ?)', [1, 'g']);
    for (const table of tables)
      await db.query(`INSERT INTO ${quoted(table)} VALUES (1, 'one', 5, 1, 'x', 2, 3, 4, 7, 8, 6, 9, 10)`);
  });
  afterEach(() => db.drop());
  const run = async (args: string[], options = {}) => {
    const result = await manage(['--introspect', ...args], { db, ...options });
    expect({ args, exitCode: result.exitCode, stderr: result.stderr }).toEqual({ args, exitCode: 0, stderr: '' });
    return result;
  };
  const dump = async () => (await run(['dumpdata', 'tables'])).stdout;

  test('are dumped and loaded', async () => {
    const text = await dump();
    const records: { fields: Record<string, unknown> }[] = JSON.parse(text);
    expect(records).toHaveLength(tables.length);
    expect(records[0]?.fields).toMatchObject({
      group: 'one',
      'größe ?': 5,
      'group.x': 'x',
      'a as b': 2,
      '`*/[1]': 3,
      '٣': 4,
      'x²': 7,
      '½': 8,
      '<a b="\'&': 9,
      'b\\?': 10,
    });
    for (const format of ['json', 'xml', 'yaml']) {
      const { stdout } = await run(['dumpdata', 'tables', '--format', format]);
      const cwd = temporaryFolder({ [`all.${format}`]: stdout });
      await run(['flush', 'tables', '--no-input']);
      expect(JSON.parse(await dump())).toEqual([]);
      await run(['loaddata', 'all', '-v0'], { cwd });
      expect(await dump()).toBe(text);
    }
  });

  test('are printed as definitions that can be used', async () => {
    const { stdout } = await run(['inspectdb']);
    const cwd = temporaryFolder({
      'tables.ts': stdout,
      'manage.config.ts': "import { tables } from './tables.js';\nexport default { apps: [tables] };\n",
    });
    const used = await manage(['dumpdata', 'tables'], { db, cwd });
    expect(used.stderr).toBe('');
    expect(used.stdout).toBe(await dump());
  });

  test('are emptied by flush, by what sqlflush prints, and by clear_models', async () => {
    const text = await dump();
    const cwd = temporaryFolder({ 'all.json': text });
    const { stdout } = await run(['sqlflush', 'tables']);
    const printed = (name: string) => (engine === 'mariadb' ? `\`${name.replaceAll('`', '``')}\`` : quoted(name));
    for (const table of tables) expect(stdout).toContain(printed(table));
    const labels = JSON.parse(text).map(({ model }: { model: string }) => model);
    const { json } = await run(['clear_models', ...labels, '--no-input', '--json']);
    expect(json.tables.map(({ table, rows }: { table: string; rows: number }) => [table, rows]).sort()).toEqual(
      tables.map((table) => [table, 1]).sort(),
    );
    await run(['loaddata', 'all', '-v0'], { cwd });
    const refused = await manage(['flush', 'auth.Group', '--no-input'], { db });
    expect(refused.stderr).toContain("'select' (of no known model) refers to 'auth_group'");
    const cascaded = await run(['flush', 'auth.Group', '--cascade', '--no-input', '--json']);
    expect(cascaded.json.tables).toHaveLength(tables.length + 2);
    expect(JSON.parse(await dump())).toEqual([]);
  });
});
