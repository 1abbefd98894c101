import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
    expect((await manage(['migrate', '-v0'], { db })).exitCode).toBe(0);
  });
  afterEach(() => db.drop());

  const run = async (...args: string[]) => {
    const result = await manage(['--introspect', ...args], { db });
    expect({ args, exitCode: result.exitCode, stderr: result.stderr }).toEqual({ args, exitCode: 0, stderr: '' });
    return result.stdout;
  };
  const fieldsOf = (json: string, model: string): unknown[] =>
    JSON.parse(json)
      .filter((record: { model: string }) => record.model === `tables.${model}`)
      .map(({ fields }: { fields: unknown }) => fields);
  const user = (id: number) =>
    db.query(
      `INSERT INTO auth_user (id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined)
       VALUES (?, '', ?, ?, '', '', '', ?, ?, '2026-01-01 00:00:00')`,
      [
        id,
        ...[0, `u${id}`, 0, 1].map((value) =>
          engine === 'postgres' && typeof value === 'number' ? value === 1 : value,
        ),
      ],
    );

  test('columns that would have one name are both fields, and both are known to clear_models', async () => {
    await db.query(
      'CREATE TABLE note1 (id integer PRIMARY KEY, user_id integer REFERENCES auth_user (id), "user" text)',
    );
    await db.query(
      'CREATE TABLE note2 (id integer PRIMARY KEY, owner text, owner_id integer NOT NULL REFERENCES auth_user (id), owner_0 text)',
    );
    await user(7);
    await db.query("INSERT INTO note1 VALUES (1, 7, 'a')");
    await db.query("INSERT INTO note2 VALUES (1, 'b', 7, 'c')");
    const text = await run('dumpdata', 'tables');
    expect(fieldsOf(text, 'note1')).toEqual([{ user: 7, user_0: 'a' }]);
    expect(fieldsOf(text, 'note2')).toEqual([{ owner: 'b', owner_0: 7, owner_0_0: 'c' }]);
    const cwd = temporaryFolder({ 'all.json': text });
    await db.query('DELETE FROM note1');
    await db.query('DELETE FROM note2');
    const loaded = await manage(['--introspect', 'loaddata', 'all', '-v0'], { db, cwd });
    expect(loaded).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await run('dumpdata', 'tables')).toBe(text);
    expect(await run('inspectdb')).toMatch(/user_0: \{ type: 'TextField', null: true, blank: true, column: 'user' \}/);
    const cleared = await manage(['--introspect', 'clear_models', 'auth.User', '--no-input'], { db });
    expect(cleared.exitCode).toBe(1);
    expect(cleared.stderr).toContain("'note1' protects");
    expect((await db.query('SELECT count(*) AS n FROM auth_user')).map(({ n }) => Number(n))).toEqual([1]);
  });

  test('computed columns of a fixture are passed over, and what has a default of the database may be missing', async () => {
    await db.query(
      `CREATE TABLE price (id integer PRIMARY KEY, net integer NOT NULL, gross integer GENERATED ALWAYS AS (net * 2) STORED,
       currency varchar(3) NOT NULL DEFAULT 'EUR', note text DEFAULT 'none', kept text DEFAULT NULL)`,
    );
    const records = [
      { model: 'tables.price', pk: 1, fields: { net: 5, gross: 77 } },
      { model: 'tables.price', pk: 2, fields: { net: 6, currency: 'USD', note: null } },
    ];
    const cwd = temporaryFolder({ 'prices.json': JSON.stringify(records) });
    const loaded = await manage(['--introspect', 'loaddata', 'prices'], { db, cwd });
    expect(loaded).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await db.query('SELECT * FROM price ORDER BY id')).toEqual([
      { id: 1, net: 5, gross: 10, currency: 'EUR', note: 'none', kept: null },
      { id: 2, net: 6, gross: 12, currency: 'USD', note: null, kept: null },
    ]);
    const definitions = await run('inspectdb');
    expect(definitions).toContain("gross: { type: 'IntegerField', null: true, blank: true, computed: true }");
    // As Django dumps its GeneratedField.
    const { stdout } = await manage(['--introspect', 'dumpdata', 'tables.price'], { db });
    expect(JSON.parse(stdout)[0].fields).toMatchObject({ net: 5, gross: 10 });
    const portable = await manage(['--introspect', 'dumpdata', 'tables.price', '--anonymize'], { db });
    expect(Object.keys(JSON.parse(portable.stdout)[0].fields)).not.toContain('gross');
    expect(definitions).toContain("currency: { type: 'CharField', maxLength: 3, dbDefault: true }");
  });

  test('references to a unique column that is no key are references', async () => {
    await db.query('CREATE TABLE country (id integer PRIMARY KEY, code varchar(2) NOT NULL UNIQUE, name varchar(9))');
    const toCountry = `REFERENCES country (code)${engine === 'mariadb' ? '' : ' DEFERRABLE INITIALLY DEFERRED'}`;
    await db.query(
      `CREATE TABLE city (id integer PRIMARY KEY, country_code varchar(2) ${toCountry}, capital_id varchar(2) UNIQUE ${toCountry})`,
    );
    await db.query(
      `CREATE TABLE twin (id integer PRIMARY KEY, a varchar(2) NOT NULL ${toCountry}, b varchar(2) NOT NULL ${toCountry}, UNIQUE (a, b))`,
    );
    for (const [id, code] of [
      [1, 'DE'],
      [2, 'FR'],
    ])
      await db.query('INSERT INTO country VALUES (?, ?, NULL)', [id, code]);
    await db.query("INSERT INTO city VALUES (1, 'DE', 'FR')");
    await db.query("INSERT INTO twin VALUES (1, 'DE', 'FR')");
    const text = await run('dumpdata', 'tables');
    expect(fieldsOf(text, 'city')).toEqual([{ country_code: 'DE', capital: 'FR' }]);
    expect(fieldsOf(text, 'twin')).toEqual([{ a: 'DE', b: 'FR' }]);
    const definitions = await run('inspectdb');
    expect(definitions).toContain("toField: 'code'");
    const cwd = temporaryFolder({
      'all.json': text,
      'tables.ts': definitions,
      'manage.config.ts': "import { tables } from './tables.js';\nexport default { apps: [tables] };\n",
    });
    for (const options of [[], ['--introspect']]) {
      await run('flush', 'tables', '--no-input');
      expect(await manage([...options, 'loaddata', 'all', '-v0'], { db, cwd })).toMatchObject({
        exitCode: 0,
        stderr: '',
      });
      expect((await manage([...options, 'dumpdata', 'tables'], { db, cwd })).stdout).toBe(text);
      const refused = await manage([...options, 'clear_models', 'tables.Country', '--no-input'], { db, cwd });
      expect(refused.exitCode).toBe(1);
      expect(refused.stderr).toContain("'city'");
    }
    const checked = await manage(['check', '--json'], { db, cwd });
    expect(
      checked.json.findings.filter(
        ({ object, level }: Record<string, string>) => level === 'ERROR' && /city|country|twin/.test(object ?? ''),
      ),
    ).toEqual([]);
  });

  test('a dump of everything says which tables it leaves out', async () => {
    await db.query('CREATE TABLE pair (a integer, b integer, PRIMARY KEY (a, b))');
    await db.query('CREATE TABLE log_line (text text)');
    await db.query('CREATE TABLE kept (id integer PRIMARY KEY)');
    if (engine === 'postgres') {
      await db.query('CREATE SCHEMA archive');
      await db.query('CREATE TABLE archive.old (id integer PRIMARY KEY)');
    }
    const all = await manage(['--introspect', 'dumpdata'], { db });
    expect(all.exitCode).toBe(0);
    expect(all.stderr).toContain("Left out is a table without a primary key: 'log_line'.");
    expect(
      all.stderr.includes("Left out is a table in a schema that the search path does not have: 'archive.old'."),
    ).toBe(engine === 'postgres');
    expect((await manage(['--introspect', 'dumpdata', 'tables'], { db })).stderr).toBe('');
    const definitions = await run('inspectdb');
    expect(definitions).toContain("// The table 'log_line' has no primary key, so that it has no model.");
    expect(definitions).toContain("primaryKey: ['a', 'b'],");
  });
});
