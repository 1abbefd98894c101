import { quote } from '../../dialect/sql-text.js';
import { quoteText } from './sql-text.js';

/** Django 5.2 db/backends/postgresql/operations.py, `sequence_reset_sql`. */
export function resetSequencesSql(tables: readonly { readonly table: string; readonly column: string }[]): string[] {
  return tables.map(({ table, column }) => {
    const max = `max(${quote(column)})`;
    const sequence = `pg_get_serial_sequence(${quoteText(quote(table))},${quoteText(column)})`;
    return `SELECT setval(${sequence}, coalesce(${max}, 1), ${max} IS NOT null) FROM ${quote(table)};`;
  });
}
