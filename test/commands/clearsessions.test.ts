import { afterEach, describe, expect, test } from 'vitest';
import { connect } from '../../src/db/connect/connect.js';
import { withLock } from '../../src/db/transactions/locks.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import { forEachEngine, sqliteDriver, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';
import { addManySessions, createSite, days, key, keysOf, now } from '../sessions/site.js';

forEachEngine((engine) => {
  const databases: TestDatabase[] = [];
  afterEach(async () => {
    for (const database of databases.splice(0)) await database.drop();
  });
  const site = async (sessions: Parameters<typeof createSite>[1] = []) => {
    const database = await createSite(engine, sessions);
    databases.push(database);
    return database;
  };
  /** 300 sessions that are over and 200 that are not. */
  const manySessions = async () => {
    const database = await site();
    await addManySessions(database, 'old', 300, days(-1));
    await addManySessions(database, 'new', 200, days(1));
    return database;
  };
  const clear = (db: TestDatabase, ...args: string[]) => manage(['clearsessions', ...args], { db, now });

  test('removes what was over, and nothing else', async () => {
    const db = await site([
      { key: key('a'), expires: days(-1) },
      { key: key('b'), expires: new Date(now.getTime() - 1) },
      { key: key('c'), expires: now },
      { key: key('d'), expires: new Date(now.getTime() + 1) },
      { key: key('e'), text: 'garbage', expires: days(-1000) },
    ]);
    expect(await clear(db)).toMatchObject({ exitCode: 0, stdout: 'Removed 3 expired sessions.\n', stderr: '' });
    expect(await keysOf(db)).toEqual([key('c'), key('d')]);
    expect(await clear(db)).toMatchObject({ exitCode: 0, stdout: 'Removed 0 expired sessions.\n' });
    expect(await clear(db, '-v0')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  });

  test.each([
    ['as it thinks fit', [], expect.any(Number)],
    ['in one', ['--batch-size', 'all'], 1],
    ['of 100', ['--batch-size', '100', '--pause', '0'], 3],
    ['of 70', ['--batch-size', '70', '--pause', '1'], 5],
    ['of 1000', ['--batch-size', '1000'], 1],
  ])('in batches %s', async (_name, args, batches) => {
    const db = await manySessions();
    const { exitCode, json } = await clear(db, '--json', ...args);
    expect(exitCode).toBe(0);
    expect(json).toEqual({
      deleted: 300,
      batches,
      seconds: expect.any(Number),
      stopped: null,
      running: false,
      unreadable: 0,
    });
    expect((await keysOf(db)).length).toBe(200);
  });

  test('stops after --max-rows', async () => {
    const db = await manySessions();
    expect((await clear(db, '--max-rows', '250', '--batch-size', '100')).stdout).toBe(
      'Removed 250 of 300 expired sessions.\n',
    );
    const { json } = await clear(db, '--json', '--max-rows', '20', '--batch-size', 'all');
    expect(json).toMatchObject({ deleted: 20, stopped: 'max-rows' });
    expect(await clear(db)).toMatchObject({ stdout: 'Removed 30 expired sessions.\n' });
  });

  test('begins no batch after --max-seconds', async () => {
    const db = await manySessions();
    const { json } = await clear(db, '--json', '--max-seconds', '1', '--batch-size', '50', '--pause', '600');
    // The third would begin after 1.2 seconds; where the machine is busy, so may the second.
    expect(json).toMatchObject({ deleted: json.batches * 50, stopped: 'max-seconds' });
    expect([1, 2]).toContain(json.batches);
  });

  test('--dry-run counts and removes nothing', async () => {
    const db = await manySessions();
    expect(await clear(db, '--dry-run')).toMatchObject({
      exitCode: 0,
      stdout: '300 expired sessions would be removed.\n',
    });
    expect((await clear(db, '--dry-run', '--json')).json).toEqual({ dryRun: true, expired: 300, unreadable: 0 });
    expect((await keysOf(db)).length).toBe(500);
  });

  test('--vacuum afterwards', async () => {
    const db = await manySessions();
    const { exitCode, json } = await clear(db, '--vacuum', '--json');
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({ deleted: 300 });
    expect((await keysOf(db)).length).toBe(200);
    if (engine === 'sqlite') expect(await db.query('PRAGMA freelist_count')).toEqual([{ freelist_count: 0 }]);
  });

  test('two runs do not meet: the second says so', async () => {
    const db = await manySessions();
    const connection = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
    try {
      await withLock(connection, 'clearsessions', { wait: false }, async () => {
        const { exitCode, stdout } = await clear(db);
        expect({ exitCode, stdout }).toEqual({
          exitCode: 0,
          stdout: 'Another run is removing expired sessions; nothing was done.\n',
        });
        expect((await clear(db, '--json')).json).toMatchObject({ deleted: 0, running: true });
      });
    } finally {
      await connection.close();
    }
    expect((await clear(db, '--json')).json).toMatchObject({ deleted: 300, running: false });
  });

  test('--lock-timeout ends the wait for another program', async () => {
    const db = await manySessions();
    const connection = await connect(db.settings, createRegistry(coreApps), { driver: sqliteDriver });
    const { transaction } = await import('../../src/db/transactions/transaction.js');
    try {
      await transaction(connection, async ({ db: executor }) => {
        if (engine === 'postgres') await executor.raw('LOCK TABLE django_session IN ACCESS EXCLUSIVE MODE');
        if (engine === 'mariadb') await executor.raw('LOCK TABLES django_session WRITE');
        const started = performance.now();
        const { exitCode, stderr } = await clear(db, '--lock-timeout', '1');
        expect(exitCode).toBe(1);
        expect(stderr).toMatch(/locked|lock timeout/);
        expect(performance.now() - started).toBeGreaterThan(900);
      });
    } finally {
      await connection.close();
    }
    expect((await keysOf(db)).length).toBe(500);
  });

  test.each(['0', '-1', 'some', '1.5', ''])('the batch size %j is refused', async (size) => {
    const db = await site();
    const { exitCode, stderr } = await clear(db, `--batch-size=${size}`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('is not a batch size');
  });

  test('a table that is not there is one sentence', async () => {
    const db = await site();
    await db.query('DROP TABLE django_session');
    const { exitCode, stderr } = await clear(db);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("CommandError: The database has no table 'django_session'.");
  });
});

describe('on one engine', () => {
  test('ends where the lock between runs is lost', async () => {
    const db = await createSite('postgres');
    databases.push(db);
    await addManySessions(db, 'old', 300, days(-1));
    const run = clearInBatches(db);
    await expect.poll(async () => (await keysOf(db)).length).toBeLessThan(300);
    await db.query(
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    );
    const { exitCode, stderr } = await run;
    expect(exitCode).toBe(1);
    expect(stderr).toContain('The lock that keeps other runs of clearsessions away was lost');
    expect((await keysOf(db)).length).toBeGreaterThan(0);
  });
  const clearInBatches = (db: TestDatabase) =>
    manage(['clearsessions', '--batch-size', '10', '--pause', '200'], { db, now });

  const databases: TestDatabase[] = [];
  afterEach(async () => {
    for (const database of databases.splice(0)) await database.drop();
  });

  test('a session that is being prolonged is left, and nobody waits for it', async () => {
    const db = await createSite('postgres', [
      { key: key('a'), expires: days(-1) },
      { key: key('b'), expires: days(-1) },
    ]);
    databases.push(db);
    await db.query('BEGIN');
    await db.query('UPDATE django_session SET expire_date = ? WHERE session_key = ?', [days(1), key('a')]);
    const result = await manage(['clearsessions'], { db, now });
    expect(result).toMatchObject({ exitCode: 0, stdout: 'Removed 1 expired session.\n' });
    await db.query('COMMIT');
    expect(await keysOf(db)).toEqual([key('a')]);
  });

  test('without rowids', async () => {
    const db = await createSite('sqlite');
    databases.push(db);
    await db.query('DROP TABLE django_session');
    await db.query(
      'CREATE TABLE django_session (session_key varchar(40) NOT NULL PRIMARY KEY, session_data text NOT NULL, expire_date datetime NOT NULL) WITHOUT ROWID',
    );
    await addManySessions(db, 'old', 300, days(-1));
    await addManySessions(db, 'new', 200, days(1));
    const { json } = await manage(['clearsessions', '--json', '--batch-size', '70', '--pause', '0'], { db, now });
    expect(json).toMatchObject({ deleted: 300, batches: 5 });
    expect((await keysOf(db)).every((each) => each.startsWith('new'))).toBe(true);
  });

  test('with a column called rowid', async () => {
    const db = await createSite('sqlite');
    databases.push(db);
    await db.query('ALTER TABLE django_session ADD COLUMN rowid integer');
    await addManySessions(db, 'old', 30, days(-1));
    await addManySessions(db, 'new', 20, days(1));
    const { json } = await manage(['clearsessions', '--json', '--batch-size', '7', '--pause', '0'], { db, now });
    expect(json).toMatchObject({ deleted: 30, batches: 5 });
  });

  test('partitioned by list: rows of different partitions have the same addresses', async () => {
    const db = await createSite('postgres');
    databases.push(db);
    await db.query('DROP TABLE django_session');
    await db.query(
      `CREATE TABLE django_session (session_key varchar(40) NOT NULL, session_data text NOT NULL,
        expire_date timestamptz NOT NULL, region text NOT NULL DEFAULT 'eu', PRIMARY KEY (session_key, region))
        PARTITION BY LIST (region)`,
    );
    await db.query('CREATE SCHEMA "other. schema?"');
    await db.query(`CREATE TABLE "session ""eu" PARTITION OF django_session FOR VALUES IN ('eu')`);
    await db.query(
      `CREATE TABLE "other. schema?"."a.b?" PARTITION OF django_session FOR VALUES IN ('us', 'asia') PARTITION BY LIST (region)`,
    );
    await db.query(`CREATE TABLE session_us PARTITION OF "other. schema?"."a.b?" FOR VALUES IN ('us')`);
    await db.query(`CREATE TABLE session_asia PARTITION OF "other. schema?"."a.b?" FOR VALUES IN ('asia')`);
    // The addresses of what is over in one partition are those of what is not in the others.
    for (const [region, over] of [
      ['eu', 0],
      ['us', 1],
      ['asia', 2],
    ] as const) {
      await db.query(
        `INSERT INTO django_session (session_key, session_data, expire_date, region)
         SELECT (CASE WHEN i % 3 = ${over} THEN 'old' ELSE 'new' END) || '${region}' || i, 'x',
           CASE WHEN i % 3 = ${over} THEN timestamptz '2026-11-20Z' ELSE timestamptz '2026-11-22Z' END, '${region}'
         FROM generate_series(1, 300) AS i`,
      );
    }
    const { json } = await manage(['clearsessions', '--json', '--batch-size', '7', '--vacuum'], { db, now });
    expect(json).toMatchObject({ deleted: 300 });
    const left = await keysOf(db);
    expect(left.length).toBe(600);
    expect(left.every((each) => each.startsWith('new'))).toBe(true);
  });

  test('in a schema of its own', async () => {
    const db = await createSite('postgres');
    databases.push(db);
    await db.query('CREATE SCHEMA app');
    await db.query('ALTER TABLE django_session SET SCHEMA app');
    await db.query('CREATE TABLE django_session (session_key text)');
    await db.query(
      `INSERT INTO app.django_session SELECT 'old' || i, 'x', timestamptz '2026-11-20Z' FROM generate_series(1, 30) AS i`,
    );
    const url = `${db.url}?schema=app`;
    const { json } = await manage(['clearsessions', '--json', '--batch-size', '7', '--vacuum'], { db: { url }, now });
    expect(json).toMatchObject({ deleted: 30 });
  });
});
