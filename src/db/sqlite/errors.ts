import { CommandError } from '../../errors.js';

/** The code of a driver's error, such as `SQLITE_BUSY`; the same for both drivers. */
export function sqliteCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The sentence for an error of SQLite that a person can act on. `filename` is the database's. */
export function explainSqlite(error: unknown, filename: string): CommandError | undefined {
  if (!(error instanceof Error)) return undefined;
  const explained = (message: string, code: string, hint: string) =>
    new CommandError(message, { code, hint, cause: error });
  switch (sqliteCode(error)) {
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return explained(
        `The database '${filename}' is locked: another program is writing to it.`,
        'database_locked',
        'Try again when that program has finished.',
      );
    case 'SQLITE_READONLY':
      return explained(
        `The database '${filename}' cannot be written.`,
        'database_read_only',
        'Give this user the right to write the file and its folder.',
      );
    case 'SQLITE_FULL':
      return explained(`There is no room left on the disk for '${filename}'.`, 'disk_full', 'Free some space there.');
    case 'SQLITE_NOTADB':
      return explained(
        `'${filename}' is not an SQLite database.`,
        'not_a_database',
        'Check the database URL in the settings.',
      );
    case 'SQLITE_CORRUPT':
      return explained(
        `The database '${filename}' is damaged.`,
        'database_corrupt',
        'Restore it from a backup, or try the recovery that the sqlite3 shell has (`.recover`).',
      );
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_PERM':
      return explained(
        `The database '${filename}' cannot be opened.`,
        'database_unreachable',
        'Give this user the right to read and write the file and its folder.',
      );
    case 'SQLITE_IOERR':
      return explained(`The disk with '${filename}' reports an error.`, 'disk_error', 'Look into the system log.');
  }
  if (error.message.includes('FOREIGN KEY constraint failed')) {
    return new CommandError('A reference from one row to another would be broken. Nothing was changed.', {
      code: 'broken_reference',
      cause: error,
    });
  }
  const table = /no such table: (\S+)/.exec(error.message)?.[1];
  if (table !== undefined) {
    return explained(`The database has no table '${table}'.`, 'missing_table', 'Run `manage migrate` to make it.');
  }
  return undefined;
}

export function isSqliteUniqueViolation(error: unknown): boolean {
  return error instanceof Error && /(UNIQUE|PRIMARY KEY) constraint failed|must be unique/.test(error.message);
}
