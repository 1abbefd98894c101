import { expect, test } from 'vitest';
import { createTextPages } from '../../src/db/read/text-pages.js';
import { findModel } from '../../src/registry/define.js';
import { useConnections } from '../helpers/connections.js';
import { forEachEngine } from '../helpers/databases.js';

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
    const pages = await createTextPages(connection, model, [{ field: key }, { field: data }], options);
    const lengths: number[] = [];
    let rows = 0;
    for await (const page of pages?.([connection.db], undefined) ?? []) {
      lengths.push(page.text.length);
      rows += page.rows;
    }
    expect(rows).toBe(300);
    expect(Math.max(...lengths)).toBeLessThan(5_000_000);
  });
});
