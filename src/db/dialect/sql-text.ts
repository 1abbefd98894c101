/** A name in SQL, in the way that all engines have. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A value in SQL, in the way that all engines have. */
export function quoteLiteral(value: string | number | boolean): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  return typeof value === 'boolean' ? (value ? 'TRUE' : 'FALSE') : String(value);
}

/** Statements as one transaction, as Django prints them; nothing for none. */
export function transactionText(statements: readonly string[]): string {
  return statements.length === 0 ? '' : ['BEGIN;', ...statements, 'COMMIT;', ''].join('\n');
}
