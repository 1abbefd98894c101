import { afterEach, expect, test } from 'vitest';
import { connect } from '../../src/db/connect/connect.js';
import type { Connection } from '../../src/db/connect/connection.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import { readSessionPages } from '../../src/sessions/admin/pages.js';
import { forEachEngine, sqliteDriver, type TestDatabase } from '../helpers/databases.js';
import { addManySessions, createSite, days, now } from './site.js';

const opened: (TestDatabase | Connection)[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await ('close' in each ? each.close() : each.drop());
});

async function open(db: TestDatabase): Promise<Connection> {
  opened.push(db);
  const connection = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
  opened.push(connection);
  return connection;
}

async function readKeys(connection: Connection, slowReader = false): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of readSessionPages(connection, { now, slowReader })) keys.push(...page.map(({ key }) => key));
  return keys;
}

/** Transactions that somebody has open in a PostgreSQL database. */
async function openTransactions(db: TestDatabase): Promise<number> {
  const [row] = await db.query(
    "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'",
  );
  return Number(row?.n);
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`).sort();

forEachEngine((engine) => {
  test.each([0, 1, 99, 100, 101, 350, 1000])('all of %i sessions are read once', async (count) => {
    const db = await createSite(engine);
    const connection = await open(db);
    await addManySessions(db, 's', count, days(1));
    expect((await readKeys(connection)).sort()).toEqual(names(count));
    expect((await readKeys(connection, true)).sort()).toEqual(names(count));
  });

  test.each([true, false])('sessions that are saved meanwhile come once (slow reader: %s)', async (slowReader) => {
    const db = await createSite(engine);
    const connection = await open(db);
    await addManySessions(db, 's', 1000, days(1));
    const seen: string[] = [];
    for await (const page of readSessionPages(connection, { now, slowReader })) {
      // A changed row gets another place in a table of PostgreSQL, before or behind where the reader is.
      await db.query("UPDATE django_session SET session_data = session_data || 'x'");
      seen.push(...page.map(({ key }) => key));
    }
    expect(seen.sort()).toEqual(names(1000));
  });

  test('a reader may stop early, and sessions may come and go meanwhile', async () => {
    const db = await createSite(engine);
    const connection = await open(db);
    await addManySessions(db, 's', 600, days(1));
    for await (const page of readSessionPages(connection, { now })) {
      expect(page.length).toBe(100);
      break;
    }
    const seen: string[] = [];
    for await (const page of readSessionPages(connection, { now })) {
      await db.query('DELETE FROM django_session WHERE session_key = ?', [page[0]?.key]);
      seen.push(...page.map(({ key }) => key));
    }
    expect(seen.sort()).toEqual(names(600));
  });

  test('an aborted reader stops', async () => {
    const db = await createSite(engine);
    const connection = await open(db);
    await addManySessions(db, 's', 600, days(1));
    const controller = new AbortController();
    let pages = 0;
    for await (const _ of readSessionPages(connection, { now, signal: controller.signal })) {
      pages += 1;
      controller.abort();
    }
    expect(pages).toBe(1);
  });
});

test('rowids that a double would round', async () => {
  const db = await createSite('sqlite');
  const connection = await open(db);
  await addManySessions(db, 's', 350, days(1));
  await db.query('UPDATE django_session SET rowid = 1152921504606846976 + rowid');
  expect((await readKeys(connection)).sort()).toEqual(names(350));
});

test('data that is no text', async () => {
  const db = await createSite('sqlite');
  const connection = await open(db);
  await addManySessions(db, 's', 3, days(1));
  await db.query("UPDATE django_session SET session_data = CASE session_key WHEN 's0' THEN x'ff00fe' ELSE 1.5 END");
  expect((await readKeys(connection)).sort()).toEqual(names(3));
});

test('a table without rowids', async () => {
  const db = await createSite('sqlite');
  const connection = await open(db);
  await db.query('DROP TABLE django_session');
  await db.query(
    'CREATE TABLE django_session (session_key varchar(40) NOT NULL PRIMARY KEY, session_data text NOT NULL, expire_date datetime NOT NULL) WITHOUT ROWID',
  );
  await addManySessions(db, 's', 350, days(1));
  expect(await readKeys(connection)).toEqual(names(350));
});

test('a partitioned table', async () => {
  const db = await createSite('postgres');
  const connection = await open(db);
  await db.query('DROP TABLE django_session');
  await db.query(
    `CREATE TABLE django_session (session_key varchar(40) NOT NULL, session_data text NOT NULL,
      expire_date timestamptz NOT NULL, region text NOT NULL DEFAULT 'eu', PRIMARY KEY (session_key, region))
      PARTITION BY LIST (region)`,
  );
  await db.query("CREATE TABLE session_eu PARTITION OF django_session FOR VALUES IN ('eu')");
  await db.query("CREATE TABLE session_us PARTITION OF django_session FOR VALUES IN ('us')");
  await addManySessions(db, 's', 350, days(1));
  await db.query("UPDATE django_session SET region = 'us' WHERE session_key LIKE '%1%'");
  expect((await readKeys(connection)).sort()).toEqual(names(350));
});

test('rows that VACUUM has numbered anew are not missed without a word', async () => {
  const db = await createSite('sqlite');
  const connection = await open(db);
  await addManySessions(db, 's', 600, days(1));
  await db.query("DELETE FROM django_session WHERE session_key LIKE 's1%'");
  const read = async () => {
    let first = true;
    for await (const _ of readSessionPages(connection, { now })) {
      if (first) await db.query('VACUUM');
      first = false;
    }
  };
  await expect(read()).rejects.toThrow('The database was rebuilt while');
});

test('a transaction is open only while somebody reads who does not wait', async () => {
  const db = await createSite('postgres');
  const connection = await open(db);
  await addManySessions(db, 's', 1000, days(1));
  for (const slowReader of [true, false]) {
    let pages = 0;
    for await (const _ of readSessionPages(connection, { now, slowReader })) {
      pages++;
      // The next page may be on its way at this moment.
      await expect.poll(() => openTransactions(db)).toBe(slowReader ? 0 : 1);
      break;
    }
    expect(pages).toBe(1);
    await expect.poll(() => openTransactions(db)).toBe(0);
  }
});

test('a connection that breaks while sessions are read is an error', async () => {
  const db = await createSite('postgres');
  const connection = await open(db);
  await addManySessions(db, 's', 2000, days(1));
  const read = async () => {
    for await (const _ of readSessionPages(connection, { now })) {
      await db.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'",
      );
    }
  };
  await expect(read()).rejects.toThrow(/connection/i);
  expect(await readKeys(connection)).toHaveLength(2000);
});
