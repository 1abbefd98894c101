import { BadSignature } from '../../crypto/signing/bad-signature.js';
import { parseJson, stringifyJson } from '../../crypto/signing/json.js';
import type { Json } from '../../crypto/signing/json-value.js';
import { remembered } from '../../remembered.js';

/**
 * What a session holds, member by member. What nobody changes is written again as it was read, so that a `5.0` of Python
 * stays one, and names that look like numbers keep their places.
 */
export class SessionMembers {
  readonly #members = new Map<string, Member>();

  /** @throws BadSignature where `json` is not a dictionary. */
  constructor(json = '{}') {
    for (const [name, text] of split(json)) this.#members.set(name, { text });
  }

  get size(): number {
    return this.#members.size;
  }

  has(name: string): boolean {
    return this.#members.has(name);
  }

  keys(): string[] {
    return [...this.#members.keys()];
  }

  get(name: string): Json | undefined {
    const member = this.#members.get(name);
    if (member === undefined) return undefined;
    if (!('value' in member)) member.value = parseJson(member.text ?? 'null');
    return member.value;
  }

  /** @throws TypeError for what JSON cannot hold. */
  set(name: string, value: Json): void {
    stringifyJson(value);
    this.#members.set(name, { value });
  }

  delete(name: string): boolean {
    return this.#members.delete(name);
  }

  clear(): void {
    this.#members.clear();
  }

  /** All of it as JSON. */
  toJson(): string {
    const members = [...this.#members].map(([name, member]) => `${stringifyJson(name)}:${textOf(member)}`);
    return `{${members.join(',')}}`;
  }
}

interface Member {
  /** As it was read. */
  readonly text?: string;
  /** As it was given out or set: whoever has a list or an object may have changed it. */
  value?: Json;
}

function textOf({ text, value }: Member): string {
  if (value === undefined) return text ?? 'null';
  if (text !== undefined && (value === null || typeof value !== 'object')) return text;
  const now = stringifyJson(value);
  return text !== undefined && stringifyJson(parseJson(text)) === now ? text : now;
}

/** The members of a JSON object as name and JSON, in their order. */
const split = remembered(splitMembers);

function splitMembers(json: string): readonly (readonly [string, string])[] {
  const fail = (): never => {
    throw new BadSignature('The session does not hold a dictionary.');
  };
  const members: [string, string][] = [];
  const text = json.trim();
  if (!text.startsWith('{') || !text.endsWith('}')) return fail();
  let at = 1;
  const skipSpace = () => {
    while (/[ \t\n\r]/.test(text.charAt(at))) at++;
  };
  const endOfText = (start: number): number => {
    let end = start + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
    return end;
  };
  skipSpace();
  if (at === text.length - 1) return members;
  while (at < text.length) {
    skipSpace();
    if (text[at] !== '"') return fail();
    const nameEnd = endOfText(at);
    const name = parseJson(text.slice(at, nameEnd + 1));
    at = nameEnd + 1;
    skipSpace();
    if (text[at] !== ':') return fail();
    at++;
    skipSpace();
    const start = at;
    let depth = 0;
    for (; at < text.length; at++) {
      const unit = text[at];
      if (unit === '"') at = endOfText(at);
      else if (unit === '{' || unit === '[') depth++;
      else if (depth > 0 && (unit === '}' || unit === ']')) depth--;
      else if (depth === 0 && (unit === ',' || unit === '}')) break;
    }
    members.push([String(name), text.slice(start, at).trimEnd()]);
    if (text[at] === '}') return at === text.length - 1 ? members : fail();
    at++;
  }
  return fail();
}
