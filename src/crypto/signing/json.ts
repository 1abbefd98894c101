import { BadSignature } from './bad-signature.js';
import { needsExactReader, parseExactJson } from './exact-json.js';
import type { Json, JsonObject } from './json-value.js';
import { maxDepth } from './limits.js';

/**
 * Reads JSON as Python's `json.loads` does: `NaN`, `Infinity` and `-Infinity` too, and whole numbers of any size exactly.
 *
 * @throws BadSignature for what is no JSON, and for lists and dictionaries nested too deeply.
 */
export function parseJson(text: string): Json {
  assertDepth(text);
  if (needsExactReader(text)) return parseExactJson(text);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BadSignature('What the text holds is not valid JSON.', { cause });
  }
}

/**
 * Writes JSON as Django signs it: no spaces, everything beyond ASCII escaped, and numbers as Python's `repr` has them
 * (Django 5.2 core/signing.py, JSONSerializer).
 *
 * @throws TypeError for what JSON cannot hold: undefined, functions, dates and other objects that are no plain ones.
 */
export function stringifyJson(value: Json): string {
  switch (typeof value) {
    case 'string':
      return stringifyText(value);
    case 'number':
      return stringifyNumber(value);
    case 'boolean':
    case 'bigint':
      return String(value);
  }
  if (value === null) return 'null';
  if (isList(value)) return `[${value.map(stringifyJson).join(',')}]`;
  if (isPlainObject(value)) {
    const members = Object.entries(value).map(([key, member]) => `${stringifyText(key)}:${stringifyJson(member)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(
    `JSON cannot hold ${typeof value === 'object' ? 'this kind of object' : `a value of type ${typeof value}`}.`,
  );
}

/** The same value in what `JSON.stringify` can write: what it has no number for becomes its text. */
export function toPlainJson(value: Json): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : stringifyNumber(value);
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map(toPlainJson);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toPlainJson(member)]));
}

/** A number as Python's JSON writes it: `5`, `0.1`, `1e-05`, `1e+16`, `NaN`. */
export function stringifyNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (Object.is(value, -0)) return '-0.0';
  if (Number.isSafeInteger(value)) return String(value);
  const [digits, exponent] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= 16 || power < -4) return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function stringifyText(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isPlainObject(value: unknown): value is JsonObject {
  if (value === null || typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Before anything is built: a megabyte of brackets would make a hundred of arrays. */
function assertDepth(text: string): void {
  if (text.length <= 2 * maxDepth) return;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === quote) {
      for (at++; at < text.length && text.charCodeAt(at) !== quote; at++) {
        if (text.charCodeAt(at) === backslash) at++;
      }
    } else if (unit === openBracket || unit === openBrace) {
      if (++depth > maxDepth)
        throw new BadSignature(`The JSON nests lists and dictionaries more than ${maxDepth} deep.`);
    } else if (unit === closeBracket || unit === closeBrace) {
      depth--;
    }
  }
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
