import type { SqlText } from './sql.js';

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

/** Statements as one transaction, as Django prints them, and what comes `after` it; nothing for none. */
export function transactionText(statements: readonly string[], after: readonly string[] = []): string {
  return statements.length === 0 ? '' : ['BEGIN;', ...statements, 'COMMIT;', ...after, ''].join('\n');
}
