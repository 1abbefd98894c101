import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isEmail, normalizeEmail } from '../../src/auth/accounts/email.js';
import { cpuTimeMs } from '../helpers/cpu-time.js';

/** Addresses with what Django 5.2 says of them, and what it makes of them. */
const vectors: readonly (readonly [text: string, valid: boolean, normalized: string])[] = JSON.parse(
  readFileSync(new URL('../data/vectors/emails.json', import.meta.url), 'utf8'),
);

describe('e-mail addresses', () => {
  it.each(vectors)('%j is valid: %s', (text, valid) => {
    expect(isEmail(text)).toBe(valid);
  });

  it.each(vectors)('%j is normalised (%s) to %j', (text, _, normalized) => {
    expect(normalizeEmail(text)).toBe(normalized);
  });

  it('looks at a long text once', async () => {
    const ms = await cpuTimeMs(() => {
      expect(isEmail(`${'a'.repeat(100_000)}@`)).toBe(false);
      expect(isEmail(`"${'\\'.repeat(318)}`)).toBe(false);
      expect(isEmail(`a@${'-'.repeat(318)}`)).toBe(false);
    });
    expect(ms).toBeLessThan(2000);
  });
});
