import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cleanField } from '../../src/auth/accounts/fields.js';
import type { Value } from '../../src/db/dialect/dialect.js';
import type { Field, FieldDefinition } from '../../src/registry/types.js';

interface Vector {
  readonly field: FieldDefinition;
  readonly text: string;
  readonly value: Value;
  readonly problems: readonly string[] | null;
}
const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL('../data/vectors/fields.json', import.meta.url), 'utf8'),
);

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

  it.each(['+24:00', '-24:00', '+25:00', '-9959', '+99', '+23:60'])(
    'refuses the offset %s, as Python does',
    (offset) => {
      const text = `2026-11-21 08:00:00${offset}`;
      expect(cleanField(fieldOf({ type: 'DateTimeField' }), text).problems).toEqual([
        `“${text}” value has the correct format (YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ]) but it is an invalid date/time.`,
      ]);
    },
  );

  it.each([
    ['+23:59', '2026-11-20T08:01:00+00:00'],
    ['-23:59', '2026-11-22T07:59:00+00:00'],
  ])('takes the offset %s, the farthest that Python has', (offset, value) => {
    expect(cleanField(fieldOf({ type: 'DateTimeField' }), `2026-11-21 08:00:00${offset}`)).toEqual({ value });
  });
});
