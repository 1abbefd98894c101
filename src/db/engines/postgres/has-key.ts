import type { Knex } from 'knex';
import { isInteger, isText } from '../../../registry/field-types.js';
import type { Executor } from '../../connect/executor.js';
import type { KeyColumn } from '../../dialect/sql.js';

// A cast of what is no number fails. A text of up to 18 digits fits in any case.
const TRIMMED = "BTRIM(??, E' \\t\\n\\v\\f\\r')";
const SHORT = "'^[-+]{0,1}0*[0-9]{1,18}$'";
const FITS = `CAST(${TRIMMED} AS numeric) BETWEEN -9223372036854775808 AND 9223372036854775807`;
const WHERE = 'EXISTS (SELECT 1 FROM ?t WHERE ?k =';
/** As Python reads a number (int()) but for digits of other scripts and underlines. */
const NUMBER =
  `CASE WHEN ${TRIMMED} ~ ${SHORT} THEN ${WHERE} CAST(${TRIMMED} AS bigint)) ` +
  `WHEN ${TRIMMED} ~ '^[-+]{0,1}[0-9]+$' THEN ${WHERE} CASE WHEN ${FITS} THEN CAST(${TRIMMED} AS bigint) END) END`;
/** As Python reads a UUID (uuid.UUID()). */
const BARE_UUID = "LOWER(REPLACE(BTRIM(REPLACE(REPLACE(??, 'urn:', ''), 'uuid:', ''), '{}'), '-', ''))";
const UUID = `CASE WHEN ${BARE_UUID} ~ '^[0-9a-f]{32}$' THEN ${WHERE} CAST(${BARE_UUID} AS uuid)) END`;
const TEXT = `${WHERE} ??)`;
const OTHER = '?? IN (SELECT CAST(?k AS text) FROM ?t)';

/** See `Dialect.hasKey`. */
export function postgresHasKey(executor: Executor, { table, column, field }: KeyColumn, text: string): Knex.Raw {
  const { type } = field;
  const sql = isInteger(type) ? NUMBER : isText(type) ? TEXT : type === 'UUIDField' ? UUID : OTHER;
  const names: Readonly<Record<string, string>> = { '?t': table, '?k': `${table}.${column}` };
  const bindings = [...sql.matchAll(/\?[?tk]/g)].map(([mark]) => names[mark] ?? text);
  return executor.raw(sql.replaceAll(/\?[tk]/g, '??'), bindings);
}
