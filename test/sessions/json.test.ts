import { describe, expect, test } from 'vitest';
import { BadSignature } from '../../src/crypto/signing/bad-signature.js';
import { parseJson, stringifyJson, toPlainJson } from '../../src/crypto/signing/json.js';
import type { Json } from '../../src/crypto/signing/json-value.js';

describe('JSON as Python writes it', () => {
  // What Python's json.dumps(value, separators=(',', ':')) gives.
  const cases: readonly (readonly [Json, string])[] = [
    [null, 'null'],
    [[true, false], '[true,false]'],
    [{}, '{}'],
    [{ a: { b: [] } }, '{"a":{"b":[]}}'],
    ['é🔑 \u007f\u0000\b\f\n\r\t"\\/\u2028', '"\\u00e9\\ud83d\\udd11 \\u007f\\u0000\\b\\f\\n\\r\\t\\"\\\\/\\u2028"'],
    ['\ud800', '"\\ud800"'],
    [{ ключ: 1 }, '{"\\u043a\\u043b\\u044e\\u0447":1}'],
    [0, '0'],
    [-17, '-17'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [2n ** 53n + 1n, '9007199254740993'],
    [-(10n ** 40n), `-1${'0'.repeat(40)}`],
    [0.1, '0.1'],
    [1.5, '1.5'],
    [-2.5e-7, '-2.5e-07'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [123456.789, '123456.789'],
    [2 ** 53, '9007199254740992.0'],
    [1e16, '1e+16'],
    [1.2345e21, '1.2345e+21'],
    [1e300, '1e+300'],
    [5e-324, '5e-324'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [-0, '-0.0'],
  ];
  test.each(cases.map(([value, text]) => ({ value, text })))('$text', ({ value, text }) => {
    expect(stringifyJson(value)).toBe(text);
    expect(parseJson(text)).toEqual(value);
  });

  test.each([undefined, () => 1, new Date(0), new Map(), Symbol('x')])('%o is refused', (value) => {
    expect(() => stringifyJson({ value: value as unknown as Json })).toThrow(TypeError);
  });
});

describe('JSON as Python reads it', () => {
  const exact = (text: string) => `[NaN,${text}]`;
  const readExactly = (text: string) => (parseJson(exact(text)) as readonly Json[])[1];

  test.each([
    '1',
    '-1.5e3',
    '"a\\"\\\\"',
    '"\\\\"',
    '"\\u00e9\\n"',
    '[]',
    '[ 1 , [ ] ]',
    '{}',
    '{"a": {"b": "c"}, "d":[null,true,false]}',
    '{"__proto__":{"x":1},"constructor":2}',
    '{"a":1,"a":2}',
    '" NaN 1234567890123456789"',
    '1e999',
  ])('%s by either reader', (text) => {
    expect(readExactly(text)).toEqual(JSON.parse(text));
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  test.each([
    '',
    '[',
    ']',
    '[1',
    '[1,]',
    '{',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{a:1}',
    '"',
    '"\\"',
    '"\n"',
    '"\\x"',
    "'a'",
    'nul',
    'nan',
    '+1',
    '01',
    '1.',
    '.5',
    '1e',
    '--1',
    '1 2',
    'undefined',
    '\ufeff1',
  ])('%j is refused by either reader', (text) => {
    expect(() => parseJson(text)).toThrow(BadSignature);
    expect(() => parseJson(exact(text))).toThrow(BadSignature);
  });

  test('a member called __proto__ is a member', () => {
    for (const text of ['{"__proto__":1}', '{"__proto__":1,"n":NaN}']) {
      const value = parseJson(text) as object;
      expect(Object.keys(value)[0]).toBe('__proto__');
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    }
  });

  test('nesting has an end', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(stringifyJson(parseJson(nested(900)))).toBe(nested(900));
    expect(() => parseJson(nested(901))).toThrow(/more than 900 deep/);
    expect(() => parseJson('{"a":'.repeat(1_000_000))).toThrow(/more than 900 deep/);
    expect(() => parseJson('['.repeat(4_000_000))).toThrow(/more than 900 deep/);
    const brackets = { text: '[\\"['.repeat(2000) };
    expect(parseJson(JSON.stringify(brackets))).toEqual(brackets);
  });

  test('a number has an end', () => {
    expect(parseJson('9'.repeat(4300))).toBe(10n ** 4300n - 1n);
    expect(() => parseJson('9'.repeat(4301))).toThrow(/more than 4300 digits/);
  });
});

test('plain JSON has text for what JSON.stringify has no number for', () => {
  const value: Json = { big: [2n ** 60n], nan: Number.NaN, low: Number.NEGATIVE_INFINITY, ok: 1.5, none: null };
  expect(JSON.parse(JSON.stringify(toPlainJson(value)))).toEqual({
    big: ['1152921504606846976'],
    nan: 'NaN',
    low: '-Infinity',
    ok: 1.5,
    none: null,
  });
});
