import { readFile } from 'node:fs/promises';
import { createDatabase, databasesLike, type TestDatabase } from './databases.js';

const another = databasesLike(makeAppsSite);

/** A database as a fresh Django site with two dozen third-party apps makes it: 39 models that no settings declare. */
export function createAppsSite(): Promise<TestDatabase> {
  return another('sqlite');
}

async function makeAppsSite(): Promise<TestDatabase> {
  const db = await createDatabase('sqlite');
  const dump = await readFile(new URL('../data/samples/apps.sqlite.sql', import.meta.url), 'utf8');
  const inserts = new Map<string, string[]>();
  for (const statement of dump.split(/;\n/)) {
    const [, table, row] = /^INSERT INTO (\S+) VALUES(.*)$/s.exec(statement) ?? [];
    if (table !== undefined && row !== undefined) inserts.set(table, [...(inserts.get(table) ?? []), row]);
    else if (/^CREATE/.test(statement)) await db.query(statement);
  }
  for (const [table, rows] of inserts) await db.query(`INSERT INTO ${table} VALUES ${rows.join(', ')}`);
  return db;
}
