import { afterEach, expect, it } from 'vitest';
import { connect } from '../../src/db/connect/connect.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import { readCatalogue } from '../helpers/catalogue.js';
import { createDatabase, type TestDatabase } from '../helpers/databases.js';
import { migrateTo } from '../helpers/migrations.js';

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function openIn(database: TestDatabase, schema: string) {
  const { settings } = database;
  if (settings.target.engine !== 'postgres') throw new Error('Only PostgreSQL has schemas.');
  const connection = await connect({ ...settings, target: { ...settings.target, schema } }, createRegistry(coreApps));
  undo.push(() => connection.close());
  return connection;
}

it('migrates the schema that the URL names, whatever the others have', async () => {
  const database = await createDatabase('postgres', { from: 'sample' });
  undo.push(() => database.drop());
  const before = await readCatalogue(database);
  await database.query('CREATE SCHEMA "my site"');
  const connection = await openIn(database, 'my site');
  expect(await connection.dialect.tableNames(connection.db)).toEqual([]);
  expect((await migrateTo(connection)).applied).toHaveLength(18);
  await migrateTo(connection, 'auth.0007');
  await migrateTo(connection);
  const tables = (names: string) => database.query(`SELECT count(*) AS n FROM pg_tables WHERE schemaname = '${names}'`);
  expect(await tables('my site')).toEqual([{ n: '10' }]);
  expect((await connection.dialect.introspect(connection.db)).tables.size).toBe(10);
  expect((await migrateTo(connection, 'contenttypes.zero')).undone).toHaveLength(17);
  expect(await readCatalogue(database)).toEqual(before);
});

it('says that it may not make tables, and where', async () => {
  const database = await createDatabase('postgres');
  undo.push(() => database.drop());
  const role = `nobody_${process.pid}_${Date.now()}`;
  await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'p'`);
  undo.push(async () => {
    await database.query(`DROP ROLE ${role}`);
  });
  const { settings } = database;
  if (settings.target.engine !== 'postgres') throw new Error('Only PostgreSQL has roles.');
  const target = { ...settings.target, user: role, password: 'p' };
  const connection = await connect({ ...settings, target }, createRegistry(coreApps));
  undo.push(() => connection.close());
  const error = await migrateTo(connection).catch((reason: Error) => reason);
  expect(error).toMatchObject({
    code: 'access_denied',
    message: expect.stringContaining(`The user '${role}' lacks a privilege`),
  });
});
