import { readFileSync } from 'node:fs';
import { parseJson } from '../../src/crypto/signing/json.js';
import type { Json } from '../../src/crypto/signing/json-value.js';

/** A file of test/data/vectors, with whole numbers beyond 2^53 as they stand there. */
export function readVectors<T>(name: string): T {
  return parseJson(readText(name)) as Json & T;
}

export function readText(name: string): string {
  return readFileSync(new URL(`../data/vectors/${name}`, import.meta.url), 'utf8');
}
