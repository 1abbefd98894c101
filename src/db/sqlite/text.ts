import type { Field } from '../../registry/types.js';
import type { TextDialect } from '../text-pages.js';
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
/** SQLite makes another moment, or none, of what is not in the calendar. Years begin with 1 (Python's datetime.MINYEAR). */
const IS_MOMENT = `datetime(substr(??, 1, 19)) = substr(??, 1, 19) AND substr(??, 1, 4) > '0000' AND substr(??, 12, 2) < '24'
  AND (length(??) = 19 OR substr(??, 20) GLOB '.${DIGITS(6)}')`;

/** SQLite escapes texts for JSON as Python does. Timestamps are in UTC. A column may hold values of any type. */
export const sqliteText: TextDialect = {
  join: (expression, separator) => `group_concat(${expression}, '${separator}')`,
  // As bytes, because text would be decoded only to be encoded again.
  joinWith: (expression) => `CAST(group_concat(${expression}, ?) AS blob)`,
  linksAtOnce: false,
  json({ type }, precision): string | undefined {
    if (TEXTS.has(type)) {
      return "CASE WHEN typeof(??) IN ('text', 'null') THEN json_quote(??) END";
    }
    if (narrowIntegers.has(type) || wideIntegers.has(type)) {
      return "CASE typeof(??) WHEN 'integer' THEN CAST(?? AS text) WHEN 'null' THEN 'null' END";
    }
    if (type === 'BooleanField') {
      return "CASE ?? WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE CASE WHEN ?? IS NULL THEN 'null' END END";
    }
    if (type !== 'DateTimeField') return undefined;
    const fraction =
      precision === 'milliseconds'
        ? 'substr(??, 20, 4)'
        : "CASE substr(??, 24) WHEN '000' THEN substr(??, 20, 4) ELSE substr(??, 20) END";
    // Django writes no fraction where there is none, but others do.
    const written = `CASE substr(??, 20) WHEN '.000000' THEN '' ELSE ${fraction} END`;
    const text = `'"' || substr(??, 1, 10) || 'T' || substr(??, 12, 8) || ${written} || 'Z"'`;
    return `CASE WHEN ?? IS NULL THEN 'null' WHEN ${IS_MOMENT} THEN ${text} END`;
  },
};
