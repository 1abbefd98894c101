import type { Knex } from 'knex';
import type { SqlText } from '../../dialect/sql.js';
import { withPlaces } from '../../dialect/sql-as-is.js';

export const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** A text as printed for any session: whether backslashes escape is a setting, so that one is written as a number. */
export function quoteText(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? `CONVERT(x'${Buffer.from(text).toString('hex')}' USING utf8mb4)` : quoted;
}

export const mariadbSql: SqlText = {
  quoteName: quote,
  // Columns have collations of their own, which could not be compared with that of the connection.
  asText: (expression) => `CAST(${expression} AS char) COLLATE utf8mb4_bin`,
  quoteLiteral(value) {
    if (typeof value === 'string') return quoteText(value);
    return typeof value === 'boolean' ? (value ? 'TRUE' : 'FALSE') : String(value);
  },
};

/** A bound value as it is sent, in a session in which backslashes do not escape. */
export function literal(value: Knex.Value | undefined): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number') return Object.is(value, -0) ? '-0e0' : String(value);
  if (value instanceof Uint8Array)
    return `x'${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}'`;
  return `'${String(value).replaceAll("'", "''")}'`;
}

/** A statement with its values in it; `\?` is a question mark that is none. */
export function withValues(sql: string, bindings: readonly Knex.Value[]): string {
  let at = 0;
  return withPlaces(sql, () => literal(bindings[at++]));
}
