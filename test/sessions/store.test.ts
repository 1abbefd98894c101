import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/crypto/signing/json-value.js';
import {
  cycleSession,
  decodeSession,
  deleteSession,
  encodeSession,
  endsWithBrowser,
  loadSession,
  saveSession,
  sessionAge,
  sessionExpiry,
  transaction,
} from '../../src/index.js';
import { useConnections } from '../helpers/connections.js';
import { forEachEngine } from '../helpers/databases.js';
import { databaseTime, days, now, secretKey } from './site.js';
import { readVectors } from './vectors.js';

const open = useConnections();
const keys = { secretKey, now };

async function site(engine: Parameters<typeof open>[0]) {
  const opened = await open(engine, { from: 'sample' });
  await opened.database.query('DELETE FROM django_session');
  const put = (key: string, data: JsonObject | string, expires = days(1)) =>
    opened.database.query('INSERT INTO django_session (session_key, session_data, expire_date) VALUES (?, ?, ?)', [
      key,
      typeof data === 'string' ? data : encodeSession(data, { secretKey, now }),
      databaseTime(opened.database, expires),
    ]);
  const rows = () => opened.database.query('SELECT * FROM django_session ORDER BY session_key');
  return { ...opened, put, rows };
}

const key = 'a'.repeat(32);

describe('when a session ends', () => {
  test.each([
    ['absent', {}, '2026-12-05T12:00:00+00:00', 1_209_600],
    ['null', { _session_expiry: null }, '2026-12-05T12:00:00+00:00', 1_209_600],
    ['0', { _session_expiry: 0 }, '2026-12-05T12:00:00+00:00', 1_209_600],
    ['seconds', { _session_expiry: 90 }, '2026-11-21T12:01:30+00:00', 90],
    ['seconds that are over', { _session_expiry: -90 }, '2026-11-21T11:58:30+00:00', -90],
    ['a moment', { _session_expiry: '2026-11-21T14:00:00.5+01:00' }, '2026-11-21T13:00:00.500000+00:00', 3600],
    [
      'a moment that is over',
      { _session_expiry: '2026-11-21T11:59:59.5+00:00' },
      '2026-11-21T11:59:59.500000+00:00',
      -1,
    ],
    ['a moment without an offset', { _session_expiry: '2026-11-21T12:30:00' }, '2026-11-21T12:30:00+00:00', 1800],
  ])('%s', (_name, data: JsonObject, expires, age) => {
    expect(sessionExpiry(data, { now })).toBe(expires);
    expect(sessionAge(data, { now })).toBe(age);
  });

  test('by the settings: another age, and another zone for moments without an offset', () => {
    expect(sessionExpiry({}, { now, cookieAge: 60 })).toBe('2026-11-21T12:01:00+00:00');
    const data = { _session_expiry: '2026-11-21T14:30:00' };
    expect(sessionExpiry(data, { now, timeZone: 'Europe/Helsinki' })).toBe('2026-11-21T12:30:00+00:00');
  });

  test('with the browser, where its data or the settings say so', () => {
    const own: JsonObject[] = [{}, { _session_expiry: 0 }, { _session_expiry: 5 }];
    expect(own.map((data) => endsWithBrowser(data))).toEqual([false, true, false]);
    expect(own.map((data) => endsWithBrowser(data, true))).toEqual([true, true, false]);
  });

  test.each([['soon'], [[1]], [1e300]])('%j is refused', (_session_expiry) => {
    expect(() => sessionExpiry({ _session_expiry }, { now })).toThrow(
      expect.objectContaining({ code: 'bad_session_expiry' }),
    );
  });
});

forEachEngine((engine) => {
  test('a session is saved with a new key, loaded, and saved again', async () => {
    const { connection, rows } = await site(engine);
    const made = await saveSession(connection, { data: { cart: [1] } }, keys);
    expect(made.key).toMatch(/^[a-z0-9]{32}$/);
    expect(await loadSession(connection, made.key, keys)).toEqual(made);
    const saved = await saveSession(connection, { ...made, data: { cart: [1, 2], _session_expiry: 60 } }, keys);
    expect(saved).toEqual({
      key: made.key,
      data: { cart: [1, 2], _session_expiry: 60 },
      expires: '2026-11-21T12:01:00+00:00',
    });
    expect(await loadSession(connection, made.key, keys)).toEqual(saved);
    const [row, ...more] = await rows();
    expect(more).toEqual([]);
    expect(decodeSession(String(row?.session_data), { secretKey })).toMatchObject({ data: saved.data, verified: true });
  });

  test('what Django wrote is loaded if Django 5.2 reads it', async () => {
    const { connection, put } = await site(engine);
    const { valid } = readVectors<{ valid: { format: string; data: JsonObject; encoded: string }[] }>('sessions.json');
    for (const [number, { format, data, encoded }] of valid.entries()) {
      const own = String(number).padStart(32, 'v');
      await put(own, encoded);
      const loaded = await loadSession(connection, own, keys);
      expect(loaded?.data, encoded).toEqual(format === 'signed' ? data : {});
    }
  });

  test('a key that no session has, or one that is over, is nobody’s', async () => {
    const { connection, put } = await site(engine);
    await put(key, { secret: 1 }, now);
    expect(await loadSession(connection, key, keys)).toBeUndefined();
    expect(await loadSession(connection, key, { ...keys, now: days(-0.001) })).toMatchObject({ data: { secret: 1 } });
    for (const other of [
      'b'.repeat(32),
      key.slice(0, 8),
      'A'.repeat(32),
      'short',
      '',
      'nul\0nul\0nul',
      '\ud800'.repeat(8),
    ])
      expect(await loadSession(connection, other, keys)).toBeUndefined();
  });

  test('what no key has signed is empty, and keeps its key', async () => {
    const { connection, put } = await site(engine);
    const rotated = { secretKey: 'new', secretKeyFallbacks: [secretKey], now };
    await put(key, { cart: 1 });
    expect(await loadSession(connection, key, { secretKey: 'other', now })).toMatchObject({ key, data: {} });
    expect(await loadSession(connection, key, rotated)).toMatchObject({ data: { cart: 1 } });
    await put('c'.repeat(32), 'no session at all');
    expect(await loadSession(connection, 'c'.repeat(32), keys)).toMatchObject({ data: {} });
  });

  test('a session that was deleted meanwhile is not made again', async () => {
    const { connection, rows } = await site(engine);
    const session = await saveSession(connection, { data: {} }, keys);
    expect(await deleteSession(connection, session.key)).toBe(true);
    expect(await deleteSession(connection, session.key)).toBe(false);
    await expect(saveSession(connection, session, keys)).rejects.toMatchObject({ code: 'session_interrupted' });
    expect(await rows()).toEqual([]);
  });

  test('a session gets another key, and the old one is nobody’s', async () => {
    const { connection, rows } = await site(engine);
    const before = await saveSession(connection, { data: { cart: [1] } }, keys);
    const after = await cycleSession(connection, before, keys);
    expect(after.key).not.toBe(before.key);
    expect(after.data).toEqual(before.data);
    expect((await rows()).map((row) => row.session_key)).toEqual([after.key]);
    expect((await cycleSession(connection, { data: {} }, keys)).key).toMatch(/^[a-z0-9]{32}$/);
    expect(await rows()).toHaveLength(2);
  });

  test('all of it is a part of a transaction', async () => {
    const { connection, rows } = await site(engine);
    const before = await saveSession(connection, { data: {} }, keys);
    const work = transaction(connection, async (bound) => {
      const { key: fresh } = await cycleSession(bound, before, keys);
      await saveSession(bound, { key: fresh, data: { step: 2 } }, keys);
      await saveSession(bound, { key: before.key, data: {} }, keys).catch(({ code }) =>
        expect(code).toBe('session_interrupted'),
      );
      expect(await loadSession(bound, fresh, keys)).toMatchObject({ data: { step: 2 } });
      throw new Error('back');
    });
    await expect(work).rejects.toThrow('back');
    expect((await rows()).map((row) => row.session_key)).toEqual([before.key]);
  });
});
