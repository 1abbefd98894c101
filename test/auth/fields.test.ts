import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cleanField } from '../../src/auth/fields.js';
import type { Value } from '../../src/db/dialect.js';
import type { Field, FieldDefinition } from '../../src/registry/types.js';

interface Vector {
  readonly field: FieldDefinition;
  readonly text: string;
  readonly value: Value;
  readonly problems: readonly string[] | null;
}
const vectors: readonly Vector[] = JSON.parse(readFileSync(new URL('../vectors/fields.json', import.meta.url), 'utf8'));

const fieldOf = (definition: FieldDefinition): Field =>
  ({
    null: false,
    blank: false,
    name: 'field',
    column: 'field',
    unique: false,
    dbIndex: false,
    primaryKey: false,
    verboseName: 'field',
    ...definition,
  }) as Field;

describe('cleanField', () => {
  it.each(vectors)('takes $text for a $field.type as Django does', ({ field, text, value, problems }) => {
    const cleaned = cleanField(fieldOf(field), text);
    expect(cleaned.problems ?? null).toEqual(problems);
    if (problems === null) expect(String(cleaned.value)).toBe(String(value));
  });
});
