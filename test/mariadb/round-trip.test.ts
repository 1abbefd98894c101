import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { blogApp } from '../helpers/blog-app.js';
import { createDatabase, type Engine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

const opened: TestDatabase[] = [];
afterEach(async () => {
  for (const db of opened.splice(0)) await db.drop();
});

/**
 * MariaDB's type `uuid` refuses versions above 7 whose variant is none of RFC 9562, which its own order of bytes needs.
 * The sample of MariaDB, which Django has filled, has none.
 */
test('a dump of MariaDB goes through PostgreSQL and SQLite, and is the same bytes again', async () => {
  const cwd = temporaryFolder();
  const config = { apps: [blogApp] };
  const dump = async (db: TestDatabase) => {
    const { stdout, stderr } = await manage(['dumpdata'], { db, cwd, config });
    expect(stderr).toBe('');
    return stdout;
  };
  const move = async (text: string, engine: Engine) => {
    const db = await createDatabase(engine, { from: 'sample' });
    opened.push(db);
    writeFileSync(join(cwd, 'all.json'), text);
    for (const args of [
      ['flush', '--no-input'],
      ['loaddata', 'all.json'],
    ]) {
      expect(await manage(args, { db, cwd, config })).toMatchObject({ exitCode: 0, stderr: '' });
    }
    return dump(db);
  };
  const sample = await createDatabase('mariadb', { from: 'sample' });
  opened.push(sample);
  const first = await dump(sample);
  // PostgreSQL puts the keys of JSON in an order of its own.
  const ordered = await move(first, 'postgres');
  const sorted = (text: string) => JSON.stringify(JSON.parse(text), (_key, value) => sortKeys(value));
  expect(sorted(ordered)).toBe(sorted(first));
  for (const engine of ['sqlite', 'mariadb', 'postgres'] as const) expect(await move(ordered, engine)).toBe(ordered);
});

function sortKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
