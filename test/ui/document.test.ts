import { describe, expect, it } from 'vitest';
import { documentText, wholeDocument } from '../../src/ui/document.js';

async function* numbers(count: number) {
  for (let number = 0; number < count; number += 1) yield { number };
}

async function textOf(document: unknown): Promise<string> {
  let text = '';
  for await (const part of documentText(document)) text += part;
  return text;
}

describe('a document', () => {
  it.each([null, 1, 'text', [], [1, 2], {}, { a: [1], b: { c: null }, d: undefined }])(
    'is written as JSON: %j',
    async (document) => {
      expect(await textOf(document)).toBe(JSON.stringify(document));
      expect(await wholeDocument(document)).toBe(document);
    },
  );

  it('may have lists that come bit by bit', async () => {
    const document = () => ({ first: numbers(0), count: 3, gone: undefined, list: numbers(3), last: 'x' });
    const whole = { first: [], count: 3, list: [{ number: 0 }, { number: 1 }, { number: 2 }], last: 'x' };
    expect(JSON.parse(await textOf(document()))).toEqual(whole);
    expect(await textOf(document())).toBe(JSON.stringify(whole));
    expect(await wholeDocument(document())).toEqual(whole);
  });

  it('is written in parts of a bounded length', async () => {
    let longest = 0;
    let text = '';
    for await (const part of documentText({ list: numbers(50_000) })) {
      longest = Math.max(longest, part.length);
      text += part;
    }
    expect(longest).toBeLessThan(70_000);
    expect(JSON.parse(text).list).toHaveLength(50_000);
  });

  it('has no text where its list fails at once', async () => {
    const failing: AsyncIterable<never> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('gone')) }),
    };
    await expect(documentText({ list: failing }).next()).rejects.toThrow('gone');
  });

  it('fails where a list does', async () => {
    async function* broken() {
      yield 1;
      throw new Error('gone');
    }
    await expect(textOf({ list: broken() })).rejects.toThrow('gone');
    await expect(wholeDocument({ list: broken() })).rejects.toThrow('gone');
  });
});
