import { isInteger, isText } from '../../../registry/field-types.js';
import type { TextDialect } from '../../dialect/text-dialect.js';
import { readBytes } from './copy-out.js';
import { isWithoutZone } from './values.js';

// A backslash means the same in this form whatever the session is told of it.
const iso = (fraction: string) =>
  `to_char(?? AT TIME ZONE 'UTC', E'"\\\\""YYYY-MM-DD"T"HH24:MI:SS${fraction}"Z\\\\""')`;
const isWhole = (unit: string) => `?? = date_trunc('${unit}', ??)`;

/** What the server writes of a column of these types; NULL for one of another type. */
const ofType = (types: readonly string[]) =>
  `CASE WHEN pg_typeof(??) IN (${types.map((type) => `'${type}'::regtype`).join(', ')}) THEN coalesce(CAST(?? AS text), 'null') END`;

/** PostgreSQL escapes texts for JSON as Python does. */
export const postgresText: TextDialect = {
  join: (expression, separator) => `string_agg(${expression}, '${separator}')`,
  joinWith: (expression) => `string_agg(${expression}, CAST(? AS text))`,
  readBytes,
  links: 'page',
  json(field, precision): string | undefined {
    const { type } = field;
    // What keeps no zone is read value by value.
    if (isWithoutZone(field)) return undefined;
    if (isText(type)) return "coalesce(to_json(??)::text, 'null')";
    // Columns of databases that came from elsewhere have other types, whose text may be no JSON, or another value.
    if (isInteger(type)) return ofType(['smallint', 'integer', 'bigint']);
    if (type === 'BooleanField') return ofType(['boolean']);
    if (type !== 'DateTimeField') return undefined;
    const fine =
      precision === 'milliseconds'
        ? iso('.MS')
        : `CASE WHEN ${isWhole('milliseconds')} THEN ${iso('.MS')} ELSE ${iso('.US')} END`;
    const text = `CASE WHEN ${isWhole('second')} THEN ${iso('')} ELSE ${fine} END`;
    const isMeant = "isfinite(??) AND ?? >= '0001-01-01Z' AND ?? < '10000-01-01Z'";
    return `CASE WHEN ?? IS NULL THEN 'null' WHEN ${isMeant} THEN ${text} END`;
  },
};
