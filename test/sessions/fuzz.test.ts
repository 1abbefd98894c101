import { expect, test } from 'vitest';
import { BadSignature } from '../../src/crypto/signing/bad-signature.js';
import { parseJson, stringifyJson } from '../../src/crypto/signing/json.js';
import type { Json } from '../../src/crypto/signing/json-value.js';
import * as signing from '../../src/crypto/signing/signing.js';
import { decodeSession } from '../../src/sessions/codec/codec.js';
import { parsePickle } from '../../src/sessions/codec/pickle.js';
import { readVectors } from './vectors.js';

const { valid, secret_key: secretKey } = readVectors<{
  readonly secret_key: string;
  readonly valid: readonly { readonly encoded: string }[];
}>('sessions.json');
const { plain, refused } =
  readVectors<Record<'plain' | 'refused', readonly { readonly pickle: string }[]>>('pickles.json');

/** Whole numbers below `limit`, the same in each run, so that a failure can be looked at (Marsaglia's xorshift). */
function createRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

/** Anything but a value or one sentence is a failure, and so is a try that takes its time. */
function attempt(work: () => unknown): void {
  const before = process.cpuUsage();
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(BadSignature);
    expect((error as BadSignature).message).toMatch(/^[^\n]{10,250}\.$/);
  }
  expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
}

function mutate(bytes: Buffer, random: (limit: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  for (let changes = 1 + random(4); changes > 0; changes--) copy[random(copy.length)] = random(256);
  const kind = random(4);
  if (kind === 0) return copy.subarray(0, random(copy.length));
  if (kind === 1) return Buffer.concat([copy.subarray(random(copy.length)), copy]);
  return copy;
}

test('changed sessions', () => {
  const random = createRandom(1);
  for (let round = 0; round < 100; round++) {
    for (const { encoded } of valid) {
      const text = mutate(Buffer.from(encoded), random).toString(random(2) === 0 ? 'latin1' : 'utf8');
      attempt(() => decodeSession(text));
      attempt(() => {
        const { verified } = decodeSession(text, { secretKey });
        expect(verified && text !== encoded && !text.endsWith(encoded)).toBe(false);
      });
      attempt(() => signing.loads(text, { key: secretKey }));
    }
  }
});

test('changed pickles', () => {
  const random = createRandom(2);
  const pickles = [...plain, ...refused].map(({ pickle }) => Buffer.from(pickle, 'base64'));
  for (let round = 0; round < 100; round++) {
    for (const pickle of pickles) attempt(() => parsePickle(mutate(pickle, random)));
  }
});

test('random opcodes', () => {
  const random = createRandom(3);
  const opcodes = Buffer.concat([
    Buffer.from("(.0123FIJKLMNSTUVXaed}lt)]busgjhprqGBCcioPQR'\n\n1"),
    Buffer.from(Array.from({ length: 0x18 }, (_, index) => 0x80 + index)),
  ]);
  for (let round = 0; round < 20_000; round++) {
    const pickle = Buffer.from(Array.from({ length: 1 + random(60) }, () => opcodes[random(opcodes.length)] ?? 0));
    attempt(() => parsePickle(pickle));
  }
});

test('random text', () => {
  const random = createRandom(4);
  const characters = ':.=-_+/ \n{}[]",eyJh0aé\u0000\ud83d🔑';
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from({ length: random(60) }, () => characters[random(characters.length)]).join('');
    attempt(() => decodeSession(text));
    attempt(() => signing.loads(text, { key: 'k' }));
  }
});

test('any value comes back as it was', () => {
  const random = createRandom(5);
  const text = () =>
    Array.from({ length: random(8) }, () =>
      String.fromCharCode(random(3) === 0 ? random(0x10000) : 32 + random(96)),
    ).join('');
  const value = (depth: number): Json => {
    switch (random(depth > 4 ? 6 : 8)) {
      case 0:
        return null;
      case 1:
        return random(2) === 0;
      case 2:
        return random(1 << 30) - (1 << 29);
      case 3:
        return (random(1 << 30) - (1 << 29)) * 10 ** (random(40) - 20);
      case 4:
        return BigInt(random(1 << 30)) ** 3n + 2n ** 60n;
      case 5:
        return text();
      case 6:
        return Array.from({ length: random(5) }, () => value(depth + 1));
      default:
        return Object.fromEntries(Array.from({ length: random(5) }, () => [text(), value(depth + 1)]));
    }
  };
  for (let round = 0; round < 2000; round++) {
    const made = value(0);
    expect(parseJson(stringifyJson(made))).toEqual(made);
    const signed = signing.dumps(made, { key: 'k', compress: random(2) === 0 });
    expect(signing.loads(signed, { key: 'k' })).toEqual(made);
  }
});
