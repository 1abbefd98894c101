import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { decodeBase62, encodeBase62 } from '../../src/crypto/base62.js';
import type { Json } from '../../src/crypto/signing/json-value.js';
import { createSigner } from '../../src/crypto/signing/signer.js';
import * as signing from '../../src/crypto/signing/signing.js';
import { readVectors } from './vectors.js';

const vectors = readVectors<{
  readonly base62: readonly (readonly [number, string])[];
  readonly signed: readonly {
    readonly object: Json;
    readonly key: string;
    readonly salt: string;
    readonly time: number;
    readonly compress: boolean;
    readonly signed: string;
  }[];
}>('signing.json');

test.each(vectors.base62)('%i in base 62 is %s', (value, text) => {
  expect(encodeBase62(value)).toBe(text);
  expect(decodeBase62(text)).toBe(value);
});

test.each(['', '-', '!', '1 ', 'é', '--1', 'zzzzzzzzz', '0000000000'])('%j is no number in base 62', (text) => {
  expect(decodeBase62(text)).toBeUndefined();
});

test.each(vectors.signed)('Django signs $object for $salt as $signed', ({ object, signed, time, ...options }) => {
  expect(signing.dumps(object, { ...options, now: new Date(time * 1000) })).toBe(signed);
  expect(signing.loads(signed, { key: options.key, salt: options.salt })).toEqual(object);
});

describe('loads', () => {
  const now = new Date('2026-07-01T12:00:00Z');
  const text = signing.dumps({ a: [1] }, { key: 'current', now });

  test('accepts what a fallback signed', () => {
    expect(signing.loads(text, { key: 'new', fallbacks: ['older', 'current'] })).toEqual({ a: [1] });
    expect(() => signing.loads(text, { key: 'new', fallbacks: ['older'] })).toThrow(signing.BadSignature);
  });

  test('accepts nothing that was signed for another purpose', () => {
    expect(() => signing.loads(text, { key: 'current', salt: 'other' })).toThrow('The signature does not match.');
  });

  test('counts age in seconds', () => {
    const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
    expect(signing.loads(text, { key: 'current', maxAge: 60, now: later(60) })).toEqual({ a: [1] });
    const late = () => signing.loads(text, { key: 'current', maxAge: 60, now: later(61) });
    expect(late).toThrow(signing.SignatureExpired);
    expect(late).toThrow(signing.BadSignature);
  });

  test('compresses only where that makes it shorter', () => {
    const long = 'x'.repeat(200);
    const plain = signing.dumps(long, { key: 'k', now });
    const compressed = signing.dumps(long, { key: 'k', now, compress: true });
    expect(compressed.length).toBeLessThan(plain.length);
    expect(signing.loads(compressed, { key: 'k' })).toBe(long);
    expect(signing.dumps('x', { key: 'k', now, compress: true })).toBe(signing.dumps('x', { key: 'k', now }));
  });

  test.each(['', ':', 'a', 'a:b', ':b:c', 'a:b:', text.slice(0, -1), `${text}x`, text.toUpperCase()])(
    'refuses %j',
    (bad) => {
      expect(() => signing.loads(bad, { key: 'current' })).toThrow(signing.BadSignature);
    },
  );
});

test('signatures are those of HMAC-SHA256, however long the text', () => {
  for (const text of ['', 'a', 'é漢🔑', 'b'.repeat(1023), 'b'.repeat(1024), 'é'.repeat(5000), 'short again']) {
    const signer = createSigner(['current', 'old'], 'salt');
    const expected = (key: string) =>
      createHmac('sha256', createHash('sha256').update(`saltsigner${key}`).digest())
        .update(text)
        .digest('base64url');
    expect(signer.sign(text)).toBe(expected('current'));
    expect(['current', 'old', 'other'].map((key) => signer.verify(text, expected(key)))).toEqual([0, 1, null]);
  }
});

test('signed values of Django 3.0 are verified where that is asked for', () => {
  const key = 'an old secret key of some length 0123456789';
  const text = 'eyJhIjoxfQ:1iXRsw:j7mNCICCyDIGCajyz4a6vHaXSDs';
  expect(signing.loads(text, { key, legacySha1: true })).toEqual({ a: 1 });
  expect(signing.loads(text, { key: 'new', fallbacks: [key], legacySha1: true })).toEqual({ a: 1 });
  expect(() => signing.loads(text, { key })).toThrow('The signature does not match.');
  expect(() => signing.loads(text, { key: 'new', legacySha1: true })).toThrow('The signature does not match.');
});
