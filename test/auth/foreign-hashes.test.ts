import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { convertForeignHash } from '../../src/auth/passwords/foreign/convert.js';
import { checkPassword, identifyHasher, passwordNeedsUpdate, passwordState } from '../../src/auth/passwords/hashers.js';

interface ForeignVector {
  readonly source: string;
  readonly password: string;
  readonly stored: unknown;
  readonly django: string | null;
  readonly kind?: string;
  readonly salt?: string;
  readonly project?: object;
}

const { hashes } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../data/vectors/foreign_hashes.json'), 'utf8'),
) as { hashes: ForeignVector[] };

const convert = ({ stored, kind, salt, project }: ForeignVector) =>
  convertForeignHash({
    hash: project === undefined ? stored : { ...(stored as object), project },
    algorithm: kind ?? (salt === undefined ? undefined : 'md5'),
    salt,
  });

describe.each(hashes.map((vector, at) => ({ ...vector, at })))('$at $source', (vector) => {
  it('is converted, verified and outdated', async () => {
    const converted = convert(vector);
    const encoded = converted?.encoded ?? '';
    if (vector.django !== null) expect(converted).toEqual({ encoded: vector.django, django: true });
    expect(encoded.length).toBeLessThanOrEqual(128);
    expect(passwordState(encoded)).toBe('usable');
    expect(identifyHasher(encoded)).toBe(encoded.split('$')[0]);
    expect(passwordNeedsUpdate(encoded)).toBe(true);
    expect(await checkPassword(vector.password, encoded)).toBe(true);
    expect(await checkPassword(`${vector.password.slice(0, 60)}x`, encoded)).toBe(false);
  });
});

test('what is no hash of a known kind is not taken for one', () => {
  for (const hash of ['', 'secret', '5ebe2294ecd0e0f08eab7690d2a6ee69', '$9$x', '{"a":1}', 'A'.repeat(50), null, 7]) {
    expect(convertForeignHash({ hash })).toBeUndefined();
  }
});

test('absurd costs cost nothing', async () => {
  const digest = 'a'.repeat(86);
  expect(passwordState(`sha512_crypt$$6$rounds=999999999$salt$${digest}`)).toBe('broken');
  expect(passwordState(`phpass$$P$z${'a'.repeat(30)}`)).toBe('broken');
});
