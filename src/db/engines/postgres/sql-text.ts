import type { SqlText } from '../../dialect/sql.js';
import { standardSql, quoteText as standardText } from '../../dialect/sql-text.js';

/** A text as printed for any session: a backslash means the same in this form whatever the session is told of it. */
export const quoteText = (text: string): string =>
  text.includes('\\') ? ` E${standardText(text.replaceAll('\\', '\\\\'))}` : standardText(text);

export const postgresSql: SqlText = {
  ...standardSql,
  quoteLiteral: (value) => (typeof value === 'string' ? quoteText(value) : standardSql.quoteLiteral(value)),
};
