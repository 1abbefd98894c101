import type { Knex } from 'knex';
import type { SqlDialect, SqlText } from './sql.js';

const doubled = (text: string, mark: string) => `${mark}${text.replaceAll(mark, mark + mark)}${mark}`;

export const quote = (name: string): string => doubled(name, '"');
export const quoteText = (text: string): string => doubled(text, "'");

/** Names and values as the standard has them. */
export const standardSql: SqlText = {
  quoteName: quote,
  asText: (expression) => `CAST(${expression} AS text)`,
  quoteLiteral(value) {
    if (typeof value === 'string') return quoteText(value);
    return typeof value === 'boolean' ? (value ? 'TRUE' : 'FALSE') : String(value);
  },
};

/** How an engine writes what it stores in a statement of DDL. */
export interface LiteralStyle {
  quoteText(text: string): string;
  readonly true: string;
  readonly false: string;
  /** By default `x'…'`. */
  bytes?(hex: string): string;
}

/** A bound value as a literal. */
export function literalOf(value: Knex.Value, style: LiteralStyle): string {
  const { bytes = (hex) => `x'${hex}'` } = style;
  if (value === null) return 'NULL';
  if (typeof value === 'boolean') return value ? style.true : style.false;
  if (typeof value === 'number') return String(value);
  return value instanceof Uint8Array ? bytes(Buffer.from(value).toString('hex')) : style.quoteText(String(value));
}

/** Statements as one transaction, as Django prints them, and what comes `after` it; nothing for none. */
export function transactionText(
  { preamble = [] }: Pick<SqlDialect, 'preamble'>,
  statements: readonly string[],
  after: readonly string[] = [],
): string {
  return statements.length === 0 ? '' : ['BEGIN;', ...preamble, ...statements, 'COMMIT;', ...after, ''].join('\n');
}
