import { BadSignature } from '../../crypto/signing/bad-signature.js';
import { stringifyNumber } from '../../crypto/signing/json.js';
import type { Json } from '../../crypto/signing/json-value.js';
import { maxDepth, maxLength } from '../../crypto/signing/limits.js';

/** What the harmless opcodes can make. */
export type PickleValue = null | boolean | number | bigint | string | Buffer | PickleValue[] | PickleDict;
export type PickleDict = Map<PickleValue, PickleValue>;

/**
 * The value as JSON: tuples and sets become lists, keys their text as Python's own JSON has it, and bytes
 * `{"base64": "…"}`.
 *
 * @throws BadSignature where it contains itself, or grows beyond a session's length because it repeats its parts.
 */
export function pickleToJson(root: PickleValue): Json {
  let room = maxLength;
  const spend = (amount: number) => {
    room -= amount;
    if (room < 0) throw new BadSignature('The pickle of the session unfolds to more than a session may hold.');
  };
  const convert = (value: PickleValue, depth: number): Json => {
    spend(8);
    if (typeof value === 'string') spend(value.length);
    if (value === null || typeof value !== 'object') return value;
    if (Buffer.isBuffer(value)) {
      spend(value.length * 2);
      return { base64: value.toString('base64') };
    }
    if (depth > maxDepth) {
      throw new BadSignature(`The pickle of the session contains itself, or nests more than ${maxDepth} deep.`);
    }
    if (Array.isArray(value)) return value.map((member) => convert(member, depth + 1));
    const members = [...value].map(([key, member]): [string, Json] => {
      const text = keyText(key);
      spend(text.length);
      return [text, convert(member, depth + 1)];
    });
    return Object.fromEntries(members);
  };
  return convert(root, 1);
}

function keyText(key: PickleValue): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number') return stringifyNumber(key);
  if (key === null || typeof key !== 'object') return String(key);
  throw new BadSignature('A dictionary in the pickle of the session has a key that is neither text nor a number.');
}
