import type { Field } from '../../registry/types.js';
import type { TextDialect, TextExpression } from '../text-pages.js';
import { narrowIntegers, wideIntegers } from '../values.js';

const TEXTS: ReadonlySet<Field['type']> = new Set([
  'CharField',
  'EmailField',
  'SlugField',
  'URLField',
  'TextField',
  'GenericIPAddressField',
]);

const DIGITS = (count: number) => '[0-9]'.repeat(count);
const SECONDS = `${DIGITS(4)}-${DIGITS(2)}-${DIGITS(2)} ${DIGITS(2)}:${DIGITS(2)}:${DIGITS(2)}`;

/** SQLite escapes texts for JSON as Python does. Timestamps are in UTC. */
export const sqliteText: TextDialect = {
  join: (expression, separator) => `group_concat(${expression}, '${separator}')`,
  // As bytes, because text would be decoded only to be encoded again.
  joinWith: (expression) => `CAST(group_concat(${expression}, ?) AS blob)`,
  linksAtOnce: false,
  json({ type }, precision): TextExpression | undefined {
    if (TEXTS.has(type)) {
      return { text: 'json_quote(??)', valid: "typeof(??) IN ('text', 'null')" };
    }
    if (narrowIntegers.has(type) || wideIntegers.has(type)) {
      return { text: "coalesce(CAST(?? AS text), 'null')" };
    }
    if (type === 'BooleanField') {
      return {
        text: "CASE ?? WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END",
        valid: '?? IS NULL OR ?? IN (0, 1)',
      };
    }
    if (type !== 'DateTimeField') return undefined;
    const fraction =
      precision === 'milliseconds'
        ? 'substr(??, 20, 4)'
        : "CASE substr(??, 24) WHEN '000' THEN substr(??, 20, 4) ELSE substr(??, 20) END";
    // Django writes no fraction where there is none, but others do.
    const written = `CASE substr(??, 20) WHEN '.000000' THEN '' ELSE ${fraction} END`;
    return {
      text: `coalesce('"' || substr(??, 1, 10) || 'T' || substr(??, 12, 8) || ${written} || 'Z"', 'null')`,
      valid: `?? IS NULL OR ?? GLOB '${SECONDS}.${DIGITS(6)}' OR ?? GLOB '${SECONDS}'`,
    };
  },
};
