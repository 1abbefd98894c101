import type { Field } from '../../registry/types.js';
import type { TextDialect, TextExpression } from '../text-pages.js';
import { narrowIntegers, wideIntegers } from '../values.js';

const TEXTS: ReadonlySet<Field['type']> = new Set(['CharField', 'EmailField', 'SlugField', 'URLField', 'TextField']);

const MICROSECONDS = "to_char(?? AT TIME ZONE 'UTC', 'US')";

/** PostgreSQL escapes texts for JSON as Python does. */
export const postgresText: TextDialect = {
  join: (expression) => `string_agg(${expression}, ', ')`,
  joinWith: (expression) => `string_agg(${expression}, CAST(? AS text))`,
  json({ type }, precision): TextExpression | undefined {
    if (TEXTS.has(type)) return { text: "coalesce(to_json(??)::text, 'null')" };
    if (narrowIntegers.has(type) || wideIntegers.has(type) || type === 'BooleanField') {
      return { text: "coalesce(CAST(?? AS text), 'null')" };
    }
    if (type !== 'DateTimeField') return undefined;
    const fraction =
      precision === 'milliseconds'
        ? `'.' || left(${MICROSECONDS}, 3)`
        : `'.' || CASE right(${MICROSECONDS}, 3) WHEN '000' THEN left(${MICROSECONDS}, 3) ELSE ${MICROSECONDS} END`;
    return {
      text:
        `coalesce(to_char(?? AT TIME ZONE 'UTC', '"\\""YYYY-MM-DD"T"HH24:MI:SS') ||` +
        ` CASE ${MICROSECONDS} WHEN '000000' THEN '' ELSE ${fraction} END || 'Z"', 'null')`,
      valid: "?? IS NULL OR isfinite(??) AND ?? >= '0001-01-01Z' AND ?? < '10000-01-01Z'",
    };
  },
};
