import type { Knex } from 'knex';
import { isInteger, isText } from '../../../registry/field-types.js';
import type { TextDialect } from '../../dialect/text-dialect.js';

/** What follows the seconds, as Django writes it. */
const HAS_FRACTION = `?? GLOB '${'\\?'.repeat(19)}.${'[0-9]'.repeat(6)}'`;
/**
 * SQLite makes another moment, or none, of what is not in the calendar. Years begin with 1 (Python's datetime.MINYEAR).
 * The affinity of the column, which the plus takes away, would make a number of the year that it is compared with.
 */
const IS_MOMENT = "datetime(??) = substr(??, 1, 19) AND +?? > '0001' AND substr(??, 12, 2) < '24'";

/** Undefined where the database keeps its texts in UTF-16, which their bytes would then be in. */
export async function textIn(executor: Knex): Promise<TextDialect | undefined> {
  const [row] = await executor.raw<{ encoding: string }[]>('PRAGMA encoding');
  return row?.encoding === 'UTF-8' ? sqliteText : undefined;
}

/** SQLite escapes texts for JSON as Python does. Timestamps are in UTC. A column may hold values of any type. */
const sqliteText: TextDialect = {
  join: (expression, separator) => `group_concat(${expression}, '${separator}')`,
  // As bytes, because text would be decoded only to be encoded again.
  joinWith: (expression) => `CAST(group_concat(${expression}, ?) AS blob)`,
  links: 'sorted',
  noText: "x'ff'",
  json({ type }, precision): string | undefined {
    if (isText(type) || type === 'GenericIPAddressField') {
      return "CASE WHEN typeof(??) IN ('text', 'null') THEN json_quote(??) END";
    }
    if (isInteger(type)) {
      return "CASE typeof(??) WHEN 'integer' THEN ?? WHEN 'null' THEN 'null' END";
    }
    if (type === 'BooleanField') {
      return "CASE ?? WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE CASE WHEN ?? IS NULL THEN 'null' END END";
    }
    if (type !== 'DateTimeField') return undefined;
    const shortened = "CASE substr(??, 20) WHEN '.000000' THEN substr(??, 12, 8) ELSE substr(??, 12, 12) END";
    const time =
      precision === 'milliseconds'
        ? shortened
        : `CASE substr(??, 24) WHEN '000' THEN ${shortened} ELSE substr(??, 12) END`;
    // Django writes no fraction where there is none, but others do.
    const timeOrNull = `CASE WHEN ${HAS_FRACTION} THEN ${time} ELSE CASE length(??) WHEN 19 THEN substr(??, 12) END END`;
    const text = `'"' || substr(??, 1, 10) || 'T' || ${timeOrNull} || 'Z"'`;
    return `CASE WHEN ?? IS NULL THEN 'null' WHEN ${IS_MOMENT} THEN ${text} END`;
  },
};
