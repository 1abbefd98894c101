import { describe, expect, test } from 'vitest';
import { BadSignature } from '../../src/crypto/signing/bad-signature.js';
import { parseJson } from '../../src/crypto/signing/json.js';
import { parsePickle } from '../../src/sessions/codec/pickle.js';
import { readVectors } from './vectors.js';

/** Pickles that Python 3.11 made. */
const vectors = readVectors<{
  readonly plain: readonly { readonly name: string; readonly pickle: string; readonly json: string }[];
  readonly refused: readonly { readonly name: string; readonly protocol: number; readonly pickle: string }[];
}>('pickles.json');

test.each(vectors.plain)('$name', ({ pickle, json }) => {
  expect(parsePickle(Buffer.from(pickle, 'base64'))).toEqual(parseJson(json));
});

test.each(vectors.refused)('$name in protocol $protocol is refused by its name', ({ name, pickle }) => {
  expect(() => parsePickle(Buffer.from(pickle, 'base64'))).toThrow(
    new BadSignature(`The pickle of the session asks for ${name}, which is refused: nothing in it is run.`),
  );
});

describe('what Python 2 wrote', () => {
  test.each([
    ['SHORT_BINSTRING', pickle('}U', 1, 'aU', 2, Buffer.from('é'), 's.'), { a: 'é' }],
    ['bytes that are no UTF-8', pickle('}U', 1, 'aU', 1, 0xe9, 's.'), { a: 'é' }],
    ['BINSTRING', pickle('}T', 1, 0, 0, 0, 'aK', 7, 's.'), { a: 7 }],
    ['STRING', pickle("(dS'it\\'s \\\\ \\x41\\101\\n'\nI1\ns."), { "it's \\ AA\n": 1 }],
    ['STRING in double quotes', pickle('(dS"a"\nI01\ns.'), { a: true }],
    ['LONG', pickle("(dS'a'\nL12345678901234567890L\ns."), { a: 12345678901234567890n }],
    ['INT, FLOAT', pickle('(lI-5\naF1.5\naF-inf\naI00\na.'), [-5, 1.5, Number.NEGATIVE_INFINITY, false]],
    ['INT as 1.0 wrote it, LIST and TUPLE', pickle('(I1\nI2\nl(I3\nta.'), [1, 2, [3]]],
    ['PUT, GET, DUP, POP', pickle('(lp0\nI1\n0I2\n2p1\n0ag1\na.'), [2, 2]],
  ])('%s', (_name, bytes, value) => {
    expect(parsePickle(bytes)).toEqual(value);
  });
});

describe('what is broken or hostile', () => {
  test.each([
    ['nothing', pickle(''), /ends too early/],
    ['no end', pickle('}'), /ends too early/],
    ['no value', pickle('.'), /broken/],
    ['nothing to append to', pickle('K', 1, 'K', 2, 'a.'), /broken/],
    ['half a pair', pickle('}(K', 1, 'u.'), /broken/],
    ['no mark', pickle('}u.'), /broken/],
    ['nothing in the memo', pickle('h', 9, '.'), /broken/],
    ['a length beyond the end', pickle('X', 0xff, 0xff, 0xff, 0x7f, 'a.'), /ends too early/],
    ['a length of 2^64', pickle(0x8e, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, '.'), /ends too early/],
    ['a line without end', pickle('I12'), /ends too early/],
    ['no number', pickle('Iabc\n.'), /broken/],
    ['no float', pickle('F1.2.3\n.'), /broken/],
    ['no quotes', pickle('Sabc\n.'), /no quotes/],
    ['a broken text', pickle('X', 1, 0, 0, 0, 0xff, '.'), /not valid UTF-8/],
    ['a protocol to come', pickle(0x80, 6, '}.'), /protocol 6/],
    ['a long number', pickle(0x8b, 0x00, 0x10, 0, 0, Buffer.alloc(4096, 1), '.'), /more than 4300 digits/],
    ['a key that is a list', pickle('}]K', 1, 's.'), /neither text nor a number/],
    ['INST', pickle('(iposix\nsystem\n.'), /asks for posix\.system,/],
    ['STACK_GLOBAL', pickle('U', 5, 'posixU', 6, 'system', 0x93, '.'), /asks for posix\.system,/],
    ['a name with control characters', pickle('cpo\u001b[31m\u0007six\nsys\ntem\n.'), /asks for po\?\[31m\?six\.sys,/],
    ['REDUCE', pickle('}}R.'), /opcode 0x52/],
    ['BUILD', pickle('}}b.'), /opcode 0x62/],
    ['OBJ', pickle('(}o.'), /opcode 0x6f/],
    ['NEWOBJ', pickle('})', 0x81, '.'), /opcode 0x81/],
    ['NEWOBJ_EX', pickle('})}', 0x92, '.'), /opcode 0x92/],
    ['PERSID', pickle('Pid\n.'), /opcode 0x50/],
    ['BINPERSID', pickle('}Q.'), /opcode 0x51/],
    ['EXT1', pickle(0x82, 1, '.'), /opcode 0x82/],
    ['NEXT_BUFFER', pickle(0x97, '.'), /opcode 0x97/],
    ['a list in itself', pickle(']q', 0, 'h', 0, 'a.'), /contains itself/],
    ['depth', pickle(']'.repeat(1000), 'a'.repeat(999), '.'), /nests more than 900 deep/],
    // Each list holds the one before twice: 2^60 in the end.
    ['doubling', pickle(']', '(22l'.repeat(60), '.'), /broken|unfolds/],
    [
      'doubling by the memo',
      pickle(
        ']q',
        0,
        ...Array(60)
          .fill('0(h\0h\0lq\0')
          .map((s) => s),
        '.',
      ),
      /unfolds/,
    ],
    ['repeated text', pickle('X', 0, 0, 1, 0, 'x'.repeat(65536), 'q', 0, '(', 'h\0'.repeat(1000), 'l.'), /unfolds/],
    ['steps', pickle(']'.repeat(2_000_000), '.'), /more than 1000000 steps/],
    ['marks', pickle('('.repeat(2_000_000), '.'), /more than 1000000 steps/],
  ])('%s', (_name, bytes, message) => {
    expect(() => parsePickle(bytes)).toThrow(BadSignature);
    expect(() => parsePickle(bytes)).toThrow(message);
  });

  test('a key called __proto__ is a key', () => {
    const value = parsePickle(pickle('}U', 9, '__proto__K', 1, 's.')) as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});

/** Bytes: text with one character for each, numbers for one each. */
function pickle(...parts: readonly (string | number | Buffer)[]): Buffer {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === 'number' ? Buffer.of(part) : typeof part === 'string' ? Buffer.from(part, 'latin1') : part,
    ),
  );
}
