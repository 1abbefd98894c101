import { afterEach, expect, test } from 'vitest';
import { connect } from '../../src/db/connect/connect.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import { createDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function database() {
  const made = await createDatabase('mariadb');
  undo.push(() => made.drop());
  return { ...made, name: new URL(made.url).pathname.slice(1) };
}

test('references from one database to another are known, and hold up what would break them', async () => {
  const [here, there] = [await database(), await database()];
  await manage(['migrate', '-v0'], { db: here });
  await there.query('CREATE TABLE b (id integer PRIMARY KEY)');
  await there.query(
    `CREATE TABLE c (group_id integer, FOREIGN KEY (group_id) REFERENCES "${here.name}".auth_group (id) ON DELETE CASCADE)`,
  );
  undo.push(async () => void (await there.query('DROP TABLE c')));
  await here.query(`CREATE TABLE d (b_id integer, FOREIGN KEY (b_id) REFERENCES "${there.name}".b (id))`);
  undo.push(async () => void (await here.query('DROP TABLE d')));
  const connection = await connect(here.settings, createRegistry(coreApps));
  undo.push(() => connection.close());
  const { tables, outside } = await connection.dialect.introspect(connection.db);
  expect(outside).toEqual([
    {
      schema: here.name,
      table: 'd',
      columns: ['b_id'],
      references: { schema: there.name, table: 'b', columns: ['id'] },
    },
    {
      schema: there.name,
      table: 'c',
      columns: ['group_id'],
      references: { table: 'auth_group', columns: ['id'] },
      onDelete: 'cascade',
    },
  ]);
  expect(tables.get('d')?.constraints.map(({ kind }) => kind)).toEqual(['index']);
  const { exitCode, stderr } = await manage(['flush', '--no-input'], { db: here });
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`'${there.name}.c'`);
});

test('integers without a sign are read as Django reads them, and keep all that they hold', async () => {
  const here = await database();
  await manage(['migrate', '-v0'], { db: here });
  await here.query(
    'CREATE TABLE u (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, m mediumint unsigned NOT NULL, t tinyint unsigned, i int unsigned, b bigint unsigned)',
  );
  await here.query('CREATE TABLE k (id int unsigned AUTO_INCREMENT PRIMARY KEY)');
  await here.query('INSERT INTO u VALUES (5000000000, 16777215, 255, 4294967295, 18446744073709551615)');
  await here.query('INSERT INTO k VALUES (4000000000)');
  const { stdout } = await manage(['inspectdb', 'u', 'k'], { db: here });
  for (const line of ["id: { type: 'BigAutoField'", "id: { type: 'AutoField'", "m: { type: 'PositiveIntegerField' }"])
    expect(stdout).toContain(line);
  expect(stdout).toContain("t: { type: 'PositiveIntegerField', null: true");
  const dump = async () => (await manage(['--introspect', 'dumpdata', 'tables'], { db: here })).stdout;
  const before = await dump();
  expect(before).toContain('"b": 18446744073709551615');
  await manage(['--introspect', 'flush', 'tables', '--no-input'], { db: here });
  const load = ['--introspect', 'loaddata', '-', '--format', 'json', '-v0'];
  expect(await manage(load, { db: here, stdin: before })).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await dump()).toBe(before);
});
