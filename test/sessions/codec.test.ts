import { createHmac } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { deriveKey } from '../../src/crypto/salted-hmac.js';
import { BadSignature } from '../../src/crypto/signing/bad-signature.js';
import type { JsonObject } from '../../src/crypto/signing/json-value.js';
import { dumps } from '../../src/crypto/signing/signing.js';
import { cookieSalt, decodeSession, encodeSession } from '../../src/sessions/codec/codec.js';
import { cpuTimeMs } from '../helpers/cpu-time.js';
import { readText, readVectors } from './vectors.js';

interface Vector {
  readonly format: 'signed' | 'signed-pickle' | 'legacy-json' | 'legacy-pickle-2' | 'legacy-pickle-4';
  readonly data: JsonObject;
  readonly time?: number;
  readonly encoded: string;
}
const vectors = readVectors<{
  readonly secret_key: string;
  readonly valid: readonly Vector[];
  readonly bad: readonly { readonly why: string; readonly encoded: string }[];
  readonly from_the_sessions_article: { readonly encoded: string; readonly data: JsonObject };
}>('sessions.json');
const secretKey = vectors.secret_key;

describe('sessions that Django wrote', () => {
  test.each(vectors.valid.map((vector, index) => ({ ...vector, index })))('$format, number $index', (vector) => {
    const decoded = decodeSession(vector.encoded, { secretKey });
    expect(decoded).toEqual({
      data: vector.data,
      format: vector.format.startsWith('signed') ? 'signed' : 'legacy',
      serializer: vector.format.includes('pickle') ? 'pickle' : 'json',
      verified: true,
      keyIndex: 0,
      ...(vector.time === undefined ? {} : { signedAt: isoSecond(vector.time) }),
    });
    expect(decodeSession(vector.encoded)).toEqual({ ...decoded, verified: null, keyIndex: null });
    expect(decodeSession(vector.encoded, { secretKey: 'another' })).toEqual({
      ...decoded,
      verified: false,
      keyIndex: null,
    });
    expect(decodeSession(vector.encoded, { secretKey: 'new', secretKeyFallbacks: ['other', secretKey] })).toEqual({
      ...decoded,
      keyIndex: 2,
    });
  });

  test('the one in the sessions article, with its line break', () => {
    const { encoded, data } = vectors.from_the_sessions_article;
    expect(decodeSession(encoded)).toEqual({
      data,
      format: 'legacy',
      serializer: 'pickle',
      verified: null,
      keyIndex: null,
    });
  });

  test('one that lives in its cookie is signed for that', () => {
    const text = dumps({ count: 6 }, { key: secretKey, salt: cookieSalt, compress: true });
    expect(decodeSession(text, { secretKey, salt: cookieSalt }).verified).toBe(true);
    expect(decodeSession(text, { secretKey }).verified).toBe(false);
  });

  test('the figures of Django 5.2 for a small session', () => {
    const key = 'django-insecure-test-key-0123456789';
    expect(encodeSession({ a: 'b' }, { secretKey: key, now: new Date(1_700_000_000_000) })).toBe(
      'eyJhIjoiYiJ9:1r31eq:dbtCrmXEA5njHe-1IpMkYaycwB7MyzPyX1sPUx2FyXk',
    );
  });
});

describe('sessions as Django writes them', () => {
  const signed = vectors.valid.filter(({ format }) => format === 'signed');
  test.each(signed.map((vector, index) => ({ ...vector, index })))('number $index', ({ data, time = 0, encoded }) => {
    const written = encodeSession(data, { secretKey, now: new Date(time * 1000) });
    if (!encoded.startsWith('.')) expect(written).toBe(encoded);
    // Node's zlib finds other matches than Python's, so what is compared is what was compressed.
    const [payload = '', stamp] = encoded.split(':');
    const [ours = '', ourStamp] = written.split(':');
    expect(ourStamp).toBe(stamp);
    expect(inflated(ours)).toBe(inflated(payload));
    expect(decodeSession(written, { secretKey })).toMatchObject({ data, verified: true });
  });

  test('a second that has begun is not rounded up', () => {
    const text = encodeSession({}, { secretKey, now: new Date('2026-01-01T00:00:00.999Z') });
    expect(decodeSession(text).signedAt).toBe('2026-01-01T00:00:00+00:00');
  });

  test('what JSON cannot hold is refused', () => {
    const data = { when: new Date(0) } as unknown as JsonObject;
    expect(() => encodeSession(data, { secretKey })).toThrow(TypeError);
  });
});

describe('what is no session', () => {
  const outcome: Readonly<Record<string, false | RegExp>> = {
    'signature changed': false,
    'other key': false,
    'payload changed': /not valid JSON/,
    'no signature': /data:time:signature/,
    empty: /empty/,
    'not base64': /not valid base64/,
    'pickle that would run a command': /posix\.system/,
  };
  test.each(vectors.bad)('$why', ({ why, encoded }) => {
    const expected = outcome[why];
    if (expected === undefined) throw new Error(`Nothing is expected of '${why}'.`);
    if (expected === false) expect(decodeSession(encoded, { secretKey }).verified).toBe(false);
    else expect(() => decodeSession(encoded, { secretKey })).toThrow(expected);
  });

  test.each([
    ['white space', ' \n ', /empty/],
    ['a list', dumps([1, 2], { key: secretKey }), /dictionary/],
    ['text', dumps('text', { key: secretKey }), /dictionary/],
    ['JSON that is cut off', sign('eyJhIjox', '1r31eq'), /not valid JSON/],
    ['compressed, and not', sign('.eyJhIjoxfQ', '1r31eq'), /does not inflate/],
    ['compressed, and cut off', sign('.eJxTqqADUAIA', '1r31eq'), /does not inflate/],
    ['characters of no alphabet', sign('eyJh!jox', '1r31eq'), /not valid base64/],
    ['a time in no base', sign('e30', '1r!1eq'), /time stamp/],
    ['no time', sign('e30', ''), /time stamp/],
    ['a time far away', sign('e30', 'zzzzzzzzz'), /time stamp/],
    ['a time farther away', sign('e30', 'z'.repeat(5000)), /time stamp/],
    ['base64 of something else', Buffer.from('hello, world').toString('base64'), /not a session/],
    ['base64 of almost a hash', Buffer.from(`${'0'.repeat(40)};{}`).toString('base64'), /not a session/],
    ['colons', ':::', /time stamp/],
    ['one colon', ':', /data:time:signature/],
    ['a long text', 'a'.repeat(5_000_000), /longer than/],
    ['a long signed text', sign('a'.repeat(5_000_000), '1'), /longer than/],
  ])('%s', (_name, text, message) => {
    expect(() => decodeSession(text)).toThrow(BadSignature);
    expect(() => decodeSession(text)).toThrow(message);
  });

  test('a text that inflates to 300 MB is refused at once and without memory', async () => {
    const bomb = readText('session_zip_bomb.txt').trim();
    const before = process.memoryUsage.rss();
    const ms = await cpuTimeMs(() => {
      expect(() => decodeSession(bomb, { secretKey })).toThrow(/inflates to more than 4 MiB/);
    });
    expect(ms).toBeLessThan(1000);
    // Some of what grows belongs to the tests before.
    expect(process.memoryUsage.rss() - before).toBeLessThan(150_000_000);
  });
});

/** Signed text with a payload and a time that Django would not write. */
function sign(payload: string, time: string): string {
  const key = deriveKey('django.contrib.sessions.SessionStoresigner', secretKey);
  return `${payload}:${time}:${createHmac('sha256', key).update(`${payload}:${time}`).digest('base64url')}`;
}

function inflated(payload: string): string {
  const bytes = Buffer.from(payload.replace('.', ''), 'base64url');
  return (payload.startsWith('.') ? inflateSync(bytes) : bytes).toString('latin1');
}

function isoSecond(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', '+00:00');
}
