import { isInteger, isText } from '../../../registry/field-types.js';
import type { TextDialect } from '../../dialect/text-dialect.js';

const JSON_TEXT = 'JSON_QUOTE(CONVERT(?? USING utf8mb4))';
/** Python writes the digits of control characters in lower case, MariaDB in upper case: those are for JavaScript. */
const HAS_ESCAPE = `LOCATE('\\u00' COLLATE utf8mb4_bin, ${JSON_TEXT})`;
/** A date in the calendar: a server may be told to take others. */
const IS_DATE = 'FROM_DAYS(TO_DAYS(??)) = DATE(??)';

const moment = (fraction: string) => `DATE_FORMAT(??, '"%Y-%m-%dT%H:%i:%s${fraction}')`;

/** MariaDB escapes texts for JSON as Python does, but for some control characters. Timestamps are in UTC. */
export const mariadbText: TextDialect = {
  join: (expression, separator, order) => `GROUP_CONCAT(${expression} ORDER BY ${order} SEPARATOR '${separator}')`,
  links: 'aggregate',
  json({ type }, precision): string | undefined {
    if (isText(type)) {
      // Bytes may be no text.
      const isMeant = `CHARSET(??) <> 'binary' AND ${HAS_ESCAPE} = 0`;
      return `CASE WHEN ?? IS NULL THEN 'null' WHEN ${isMeant} THEN ${JSON_TEXT} END`;
    }
    if (isInteger(type)) return "coalesce(CAST(?? AS char), 'null')";
    if (type === 'BooleanField') {
      return "CASE ?? WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE CASE WHEN ?? IS NULL THEN 'null' END END";
    }
    if (type !== 'DateTimeField') return undefined;
    // `%f` has six digits.
    const short = `LEFT(${moment('.%f')}, 24) || 'Z"'`;
    const fine =
      precision === 'milliseconds'
        ? short
        : `CASE MICROSECOND(??) % 1000 WHEN 0 THEN ${short} ELSE ${moment('.%fZ"')} END`;
    const text = `CASE MICROSECOND(??) WHEN 0 THEN ${moment('Z"')} ELSE ${fine} END`;
    return `CASE WHEN ?? IS NULL THEN 'null' WHEN ${IS_DATE} THEN ${text} END`;
  },
};
