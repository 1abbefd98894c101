import { expect, test } from 'vitest';
import { createTextPages } from '../../src/db/read/text-pages.js';
import { findModel } from '../../src/registry/define.js';
import { useConnections } from '../helpers/connections.js';
import { forEachEngine } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

const open = useConnections();

forEachEngine((engine) => {
  test('pages of long rows are short from the first one on', async () => {
    const { database, connection } = await open(engine, { from: 'sample' });
    await database.query('DELETE FROM django_session');
    for (let row = 0; row < 300; row++) {
      await database.query("INSERT INTO django_session VALUES (?, ?, '2030-01-01 00:00:00')", [
        `key${row}`,
        'x'.repeat(50_000),
      ]);
    }
    const model = findModel(connection.registry, 'sessions.session');
    const [key, data] = model?.fields ?? [];
    if (model === undefined || key === undefined || data === undefined) throw new Error('There are no sessions.');
    const options = { separator: ',', precision: 'full' } as const;
    const pages = await createTextPages(connection, connection.db, model, [{ field: key }, { field: data }], options);
    const lengths: number[] = [];
    let rows = 0;
    for await (const page of pages?.([connection.db], undefined) ?? []) {
      lengths.push(page.text.length);
      rows += page.rows;
    }
    expect(rows).toBe(300);
    expect(Math.max(...lengths)).toBeLessThan(5_000_000);
  });

  test.each([
    ['controls', Array.from({ length: 31 }, (_, code) => String.fromCharCode(code + 1)).join('')],
    ['others', '\n\t"\\/\u007f\u0085\u2028é表😀 \\u001F'],
  ])('texts and moments are escaped as by Python: %s', async (_name, name) => {
    const { database } = await open(engine, { from: 'sample' });
    const moments = [
      '0001-01-01 00:00:00',
      '2024-02-29 23:59:59.12',
      '2024-02-29 23:59:59.123456',
      '9999-12-31 00:00:00.000001',
    ];
    for (const [index, moment] of moments.entries())
      await database.query('UPDATE auth_user SET first_name = ?, last_name = ?, last_login = ? WHERE id = ?', [
        index === 0 ? name : '',
        index === 0 ? '' : name,
        engine === 'postgres' ? `${moment}Z` : /\.12$/.test(moment) ? `${moment}0000` : moment,
        index + 2,
      ]);
    const { stdout } = await manage(['dumpdata', 'auth.user'], { db: database });
    const texts = (field: string) =>
      [...stdout.matchAll(new RegExp(`"${field}": ("(?:[^"\\\\]|\\\\.)*"|null)`, 'g'))]
        .map(([, text]) => text)
        .slice(1, 5);
    const text = JSON.stringify(name);
    expect([texts('first_name'), texts('last_name')]).toEqual([
      [text, '""', '""', '""'],
      ['""', text, text, text],
    ]);
    expect(texts('last_login')).toEqual([
      '"0001-01-01T00:00:00Z"',
      '"2024-02-29T23:59:59.120Z"',
      '"2024-02-29T23:59:59.123456Z"',
      '"9999-12-31T00:00:00.000001Z"',
    ]);
  });
});

test('PostgreSQL: a dump is the same where backslashes escape in every text of SQL', async () => {
  const { database } = await open('postgres', { from: 'sample' });
  const dump = async () => (await manage(['dumpdata', '-a'], { db: database })).stdout;
  const before = await dump();
  await database.query(
    `ALTER DATABASE "${new URL(database.url).pathname.slice(1)}" SET standard_conforming_strings TO off`,
  );
  expect(before).toContain('"last_login": "2');
  expect(await dump()).toBe(before);
  // A text in a statement that somebody else is to run, and one that is run here.
  await database.query('CREATE TABLE "a\\" (id serial PRIMARY KEY)');
  await database.query('INSERT INTO "a\\" VALUES (7)');
  const { stdout } = await manage(['sqlsequencereset', '--introspect', 'tables'], { db: database });
  await database.query(stdout);
  expect(await database.query('INSERT INTO "a\\" DEFAULT VALUES RETURNING id')).toEqual([{ id: 8 }]);
  const { json } = await manage(['flush', '--introspect', 'tables', '--no-input', '--json'], { db: database });
  expect(json.tables).toMatchObject([{ table: 'a\\', rows: 2 }]);
  expect(await database.query('INSERT INTO "a\\" DEFAULT VALUES RETURNING id')).toEqual([{ id: 1 }]);
});
