import type { Knex } from 'knex';
import { isInteger } from '../../../registry/field-types.js';
import type { Executor } from '../../connect/executor.js';
import type { KeyColumn } from '../../dialect/sql.js';

const DIGITS = "?? <> '' AND ?? NOT GLOB '*[^0-9]*'";
const TRIMMED = 'TRIM(??, CHAR(9, 10, 11, 12, 13, 32))';
/** Without its sign. A cast makes the highest number of one that is too long: that is compared as a text. */
const BARE = `SUBSTR(${TRIMMED}, 1 + (SUBSTR(${TRIMMED}, 1, 1) IN ('+', '-')))`;
const WHERE = 'EXISTS (SELECT 1 FROM ?t WHERE ?k =';
/** As Python reads a number (int()) but for digits of other scripts and underlines; most are written in the one way that Django has. */
const NUMBER =
  `CASE WHEN LENGTH(??) < 19 AND ${DIGITS} THEN ${WHERE} CAST(?? AS integer)) ` +
  `WHEN ${BARE} <> '' AND ${BARE} NOT GLOB '*[^0-9]*' THEN ${WHERE} CAST(${TRIMMED} AS integer) ` +
  `AND (LENGTH(LTRIM(${BARE}, '0')) < 19 OR CAST(?k AS text) = LTRIM(${TRIMMED}, '+'))) END`;
/** As Python reads a UUID (uuid.UUID()). */
const BARE_UUID = "LOWER(REPLACE(TRIM(REPLACE(REPLACE(??, 'urn:', ''), 'uuid:', ''), '{}'), '-', ''))";
const UUID = `CASE WHEN LENGTH(${BARE_UUID}) = 32 AND ${BARE_UUID} NOT GLOB '*[^0-9a-f]*' THEN ${WHERE} ${BARE_UUID}) END`;
const TEXT = `${WHERE} ?? AND CAST(?k AS text) = ??)`;

/** See `Dialect.hasKey`. */
export function sqliteHasKey(executor: Executor, { table, column, field }: KeyColumn, text: string): Knex.Raw {
  const sql = isInteger(field.type) ? NUMBER : field.type === 'UUIDField' ? UUID : TEXT;
  const names: Readonly<Record<string, string>> = { '?t': table, '?k': `${table}.${column}` };
  const bindings = [...sql.matchAll(/\?[?tk]/g)].map(([mark]) => names[mark] ?? text);
  return executor.raw(sql.replaceAll(/\?[tk]/g, '??'), bindings);
}
