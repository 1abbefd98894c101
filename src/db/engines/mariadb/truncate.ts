import type { EmptiedTable } from '../../write/truncate.js';
import { quote } from './sql-text.js';

/**
 * Deletes instead of Django's TRUNCATE (Django 5.2 db/backends/mysql/operations.py, `sql_flush`), which nobody could roll
 * back. Tables may refer to each other in circles, which the server would check row by row.
 */
export function emptySql(tables: readonly EmptiedTable[]): string[] {
  if (tables.length === 0) return [];
  const deletes = tables.map(
    ({ table, where }) => `DELETE FROM ${quote(table)}${where === undefined ? '' : ` WHERE ${where}`};`,
  );
  return ['SET FOREIGN_KEY_CHECKS = 0;', ...deletes, 'SET FOREIGN_KEY_CHECKS = 1;'];
}

/** Lets keys begin anew once the rows are gone; the server would end the transaction for it. */
export function restartKeysSql(tables: readonly EmptiedTable[]): string[] {
  return tables.flatMap(({ table, generatedKey }) =>
    generatedKey === undefined ? [] : [`ALTER TABLE ${quote(table)} AUTO_INCREMENT = 1;`],
  );
}
