import { BadSignature } from './bad-signature.js';
import type { Json } from './json-value.js';
import { maxDigits } from './limits.js';

const space = /[ \t\n\r]*/y;
const number = /(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const word = /null|true|false|NaN|-?Infinity/y;
const words: Readonly<Record<string, Json>> = {
  null: null,
  true: true,
  false: false,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** Whether `JSON.parse` would refuse the text or round a number of it; now and then yes where it would not. */
export function needsExactReader(text: string): boolean {
  return /NaN|Infinity|[[:, \t\n\r]-?[0-9]{16}/.test(text) || /^-?[0-9]{16}/.test(text);
}

/** A whole number, as `bigint` where a double would round it. */
export function parseInteger(digits: string): number | bigint {
  if (digits.length > maxDigits) throw new BadSignature(`A number has more than ${maxDigits} digits.`);
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}

/**
 * Reads text whose nesting is known to be bounded; see `parseJson`.
 * It is long because its readers call each other, and go on from one place in the text.
 */
export function parseExactJson(text: string): Json {
  let at = 0;
  const fail = (): never => {
    throw new BadSignature('What the text holds is not valid JSON.');
  };
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  const take = (mark: string): boolean => {
    match(space);
    const taken = text[at] === mark;
    if (taken) at++;
    return taken;
  };
  const readText = (): string => {
    const start = at - 1;
    for (let end = text.indexOf('"', at); end >= 0; end = text.indexOf('"', end + 1)) {
      let escapes = end;
      while (text[escapes - 1] === '\\') escapes--;
      if ((end - escapes) % 2 === 1) continue;
      at = end + 1;
      try {
        return JSON.parse(text.slice(start, at));
      } catch {
        return fail();
      }
    }
    return fail();
  };
  const readList = (): Json[] => {
    const list: Json[] = [];
    if (take(']')) return list;
    do list.push(read());
    while (take(','));
    return take(']') ? list : fail();
  };
  const readObject = (): Json => {
    const members: [string, Json][] = [];
    if (take('}')) return {};
    do {
      const key = take('"') ? readText() : fail();
      members.push([key, take(':') ? read() : fail()]);
    } while (take(','));
    // Not by assignment: a member may be called __proto__.
    return take('}') ? Object.fromEntries(members) : fail();
  };
  const read = (): Json => {
    if (take('"')) return readText();
    if (take('[')) return readList();
    if (take('{')) return readObject();
    const named = match(word);
    if (named !== null) return words[named[0]] ?? null;
    const [all, whole, fraction, exponent] = match(number) ?? fail();
    return fraction === undefined && exponent === undefined ? parseInteger(whole ?? '') : Number(all);
  };

  const value = read();
  match(space);
  return at === text.length ? value : fail();
}
