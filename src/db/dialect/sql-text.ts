import type { SqlText } from './sql.js';

const doubled = (text: string, mark: string) => `${mark}${text.replaceAll(mark, mark + mark)}${mark}`;

/** Names and values as the standard has them. */
export const standardSql: SqlText = {
  quoteName: (name) => doubled(name, '"'),
  asText: (expression) => `CAST(${expression} AS text)`,
  quoteLiteral(value) {
    if (typeof value === 'string') return doubled(value, "'");
    return typeof value === 'boolean' ? (value ? 'TRUE' : 'FALSE') : String(value);
  },
};

/** Statements as one transaction, as Django prints them, and what comes `after` it; nothing for none. */
export function transactionText(statements: readonly string[], after: readonly string[] = []): string {
  return statements.length === 0 ? '' : ['BEGIN;', ...statements, 'COMMIT;', ...after, ''].join('\n');
}
