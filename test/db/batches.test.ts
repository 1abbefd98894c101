import { expect, test } from 'vitest';
import { connect } from '../../src/db/connect/connect.js';
import { deletePauseMs, nextLimit } from '../../src/db/write/batches.js';
import { inRange, type KeyRange, keyless } from '../../src/db/write/key-ranges.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry, findModel, storedField } from '../../src/registry/define.js';
import { createDatabase, sqliteDriver } from '../helpers/databases.js';

test('adaptive batches grow slowly and shrink at once', () => {
  expect(nextLimit(1000, 1, true)).toBe(1500);
  expect(nextLimit(1000, 50, true)).toBe(1000);
  expect(nextLimit(1000, 500, true)).toBe(100);
  expect(nextLimit(200, 60_000, true)).toBe(50);
  expect(nextLimit(2000, 500, true, { smallest: 1000 })).toBe(1000);
  expect(nextLimit(40_000, 1, true)).toBe(50_000);
  // A table's last rows, or a partition's.
  expect(nextLimit(1000, 1, false)).toBe(1000);
  expect(nextLimit(1000, 100, false)).toBe(500);
});

test('rows of a range of keys are looked up on SQLite, where others cannot write meanwhile', async () => {
  const site = await createDatabase('sqlite');
  const connection = await connect(site.settings, createRegistry(coreApps), { driver: sqliteDriver });
  const { db, registry } = connection;
  await db.raw('CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY)');
  await db.raw('CREATE TABLE auth_user (id integer PRIMARY KEY)');
  // A pause is longer than any sleep of who has waited for less time than the transaction took.
  expect([1, 10, 20, 50, 70, 120, 150, 250].map((tookMs) => deletePauseMs(connection, tookMs))).toEqual([
    6, 14, 19, 24, 29, 29, 54, 104,
  ]);
  const ranges: readonly KeyRange[] = [
    { after: undefined, upTo: 5 },
    { after: 5, upTo: 9 },
    { after: 5, upTo: undefined },
  ];
  for (const [label, all] of [
    // A key that is the row's number is never NULL: SQLite knows that.
    ['auth.user', ranges],
    ['sessions.session', [...ranges, keyless]],
  ] as const) {
    const { table, ...model } = findModel(registry, label) ?? registry.userModel;
    for (const range of all) {
      const condition = inRange(connection, { table, ...model }, range);
      const [{ detail = '' } = {}] = await db.raw('EXPLAIN QUERY PLAN DELETE FROM ?? WHERE ?', [table, condition]);
      expect(detail).toContain(`SEARCH ${table}`);
    }
  }
  await connection.close();
  await site.drop();
});

test('what refers to rows is looked up on SQLite, though ANALYZE has found that hardly any row refers to anything', async () => {
  const site = await createDatabase('sqlite');
  const connection = await connect(site.settings, createRegistry(coreApps), { driver: sqliteDriver });
  const { db, dialect, registry } = connection;
  await db.raw('CREATE TABLE token (id integer PRIMARY KEY, source_id bigint UNIQUE, name text)');
  await db.raw(`INSERT INTO token SELECT value, CASE WHEN value <= 3 THEN value + 10 END, 'x' FROM json_each(?)`, [
    JSON.stringify(Array.from({ length: 1000 }, (_, index) => index + 1)),
  ]);
  await db.raw('ANALYZE');
  const field = { ...storedField(registry, registry.userModel.primaryKey), column: 'source_id' };
  const some = db('token');
  await dialect.whereAmong(db, some, {
    table: 'token',
    columns: [{ name: 'source_id', field }],
    rows: [[11], [13], [14]],
    address: 'id',
  });
  expect(await some.clone().orderBy('id').pluck('id')).toEqual([1, 3]);
  const { sql, bindings } = some.clone().update({ name: 'y' }).toSQL();
  const plan: { detail: string }[] = await db.raw(`EXPLAIN QUERY PLAN ${sql}`, [...bindings]);
  const details = plan.map(({ detail }) => detail);
  expect(details).toContainEqual(expect.stringContaining('(source_id=?)'));
  expect(details.filter((detail) => detail.startsWith('SCAN'))).toEqual([expect.stringContaining('json_each')]);
  await connection.close();
  await site.drop();
});
