import { afterEach, expect, test } from 'vitest';
import { forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';
import { addSessions, createSite, days, key, loginData, now, secretKey } from '../sessions/site.js';
import { readVectors } from '../sessions/vectors.js';

const { valid } = readVectors<{ readonly valid: readonly { readonly format: string; readonly encoded: string }[] }>(
  'sessions.json',
);

forEachEngine((engine) => {
  const databases: TestDatabase[] = [];
  afterEach(async () => {
    for (const database of databases.splice(0)) await database.drop();
  });
  const site = async () => {
    const db = await createSite(engine);
    databases.push(db);
    const alice = await loginData(db, 'user.01@+-_');
    const bob = await loginData(db, 'user.05@+-_');
    const legacy = valid.find(({ format }) => format === 'legacy-pickle-2')?.encoded ?? '';
    await addSessions(db, [
      { key: key('a1'), data: alice, signed: days(-3) },
      { key: key('a2'), data: alice, signedWith: 'old' },
      { key: key('a3'), data: alice, signedWith: 'old', expires: days(-1) },
      { key: key('b1'), data: bob, signed: days(-40), expires: days(-30) },
      { key: key('c1'), data: { ...bob, _auth_user_id: '999' }, signedWith: 'older' },
      { key: key('d1'), data: { n: 1 } },
      { key: key('e1'), data: alice, signedWith: 'unknown' },
      { key: key('f1'), text: 'garbage' },
      { key: key('g1'), text: legacy, expires: days(-1) },
    ]);
    return db;
  };
  const env = { SECRET_KEY: secretKey, SECRET_KEY_FALLBACKS: 'old,older,oldest' };

  test('counts', async () => {
    const db = await site();
    const [row] = await db.query(
      'SELECT sum(length(session_data)) AS total, max(length(session_data)) AS largest FROM django_session',
    );
    const { exitCode, json } = await manage(['sessionstats', '--json'], { db, env, now });
    expect(exitCode).toBe(0);
    expect(json).toEqual({
      total: 9,
      active: 6,
      unreadableDates: 0,
      expired: 3,
      anonymous: 2,
      size: { total: Number(row?.total), largest: Number(row?.largest) },
      oldest: '2026-11-18T12:00:00+00:00',
      newest: '2026-11-20T12:00:00+00:00',
      keys: {
        current: { total: 4, active: 2 },
        fallbacks: [
          { total: 2, active: 1 },
          { total: 1, active: 1 },
          { total: 0, active: 0 },
        ],
        none: { total: 1, active: 1 },
        unreadable: { total: 1, active: 1 },
      },
      legacy: 1,
      pickled: 1,
      users: 3,
      top: [
        { pk: 2, id: '2', sessions: 3, username: 'user.01@+-_' },
        { pk: 6, id: '6', sessions: 1, username: 'user.05@+-_' },
        { pk: null, id: '999', sessions: 1, username: null },
      ],
    });
  });

  test('says it in words', async () => {
    const db = await site();
    const { stdout, stderr } = await manage(['sessionstats', '--top', '1'], { db, env, now });
    expect(stdout).toMatch(/^Sessions\n {2}total +9\n {2}active +6\n {2}expired +3\n {2}anonymous +2\n {2}users +3\n/);
    expect(stdout).toContain('  the current key       4 (2 active)\n');
    expect(stdout).toContain('  fallback key 3        0 (0 active)\n');
    expect(stdout).toMatch(/Users with the most\n {2}user\.01@\+-_ +3\n$/);
    expect(stderr).toBe('');
  });

  test('of no sessions, and without a secret key', async () => {
    const db = await createSite(engine);
    databases.push(db);
    const { exitCode, json, stderr } = await manage(['sessionstats', '--json'], { db, now });
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({ total: 0, users: 0, top: [], oldest: null, newest: null });
    expect(stderr).toContain('There is no secret key');
  });
});
