import type { CommandError } from '../../../errors.js';
import { asSentence } from '../../../text.js';
import { constraintFailed, driverMessage } from '../../dialect/error-text.js';
import { brokenReferenceHint, causeOf, codeOf, type Explained, explainError, refusals } from '../../dialect/explain.js';

/** By the primary result code (sqlite.org/rescode.html), which is the same for both drivers. */
const BY_CODE: Readonly<Record<string, (filename: string, said: string) => Explained>> = {
  SQLITE_BUSY: locked,
  SQLITE_LOCKED: locked,
  SQLITE_READONLY: (filename) => [
    'database_read_only',
    `The database '${filename}' cannot be written.`,
    'Give this user the right to write the file and its folder: in WAL mode even reading needs it.',
  ],
  SQLITE_FULL: (filename) => ['disk_full', `The disk is full: cannot write '${filename}'.`, 'Free some space there.'],
  SQLITE_NOTADB: (filename) => [
    'not_a_database',
    `'${filename}' is not an SQLite database.`,
    'Check the database URL in the settings.',
  ],
  SQLITE_CORRUPT: (filename) => [
    'database_corrupt',
    `The database '${filename}' is damaged.`,
    'Restore it from a backup, or try the recovery that the sqlite3 shell has (`.recover`).',
  ],
  SQLITE_CANTOPEN: unreachable,
  SQLITE_PERM: unreachable,
  SQLITE_IOERR: (filename) => [
    'disk_error',
    `The disk with '${filename}' reports an error.`,
    'Look into the system log.',
  ],
  SQLITE_CONSTRAINT: refused,
  SQLITE_MISMATCH: refused,
};

/** What SQLite reports as its general error, by its text. */
const BY_MESSAGE: readonly (readonly [RegExp, (found: string, said: string) => Explained])[] = [
  // A statement that changes the schema fails where any view or trigger has become wrong.
  [
    /^error in ((?:view|trigger) .+?)(?: after \w+)?: /,
    (which, said) => [
      'broken_schema',
      `The ${which.replace(/ (.+)/, " '$1'")} of the database does not work: ${asSentence(said.slice(said.indexOf(': ') + 2))}`,
      'Fix or drop it, and try again.',
    ],
  ],
  // It names its schema where it looks for the table that a foreign key refers to.
  [
    /no such table: main\.(\S+)/,
    (table) => ['lost_reference', `A foreign key refers to the table '${table}', which the database does not have.`],
  ],
  [/no such table: (\S+)/, (table) => ['missing_table', `The database has no table '${table}'.`]],
  [
    /no such column: (\S+)|has no column named (\S+)/,
    (column) => ['missing_column', `A table of the database has no column '${column}'.`],
  ],
];

function locked(filename: string): Explained {
  return [
    'database_locked',
    `The database '${filename}' is locked: another program is writing to it.`,
    'Try again when that program has finished.',
  ];
}

function unreachable(filename: string): Explained {
  return [
    'database_unreachable',
    `The database '${filename}' cannot be opened.`,
    'Give this user the right to read and write the file and its folder.',
  ];
}

function refused(filename: string, said: string): Explained {
  if (said.includes('FOREIGN KEY constraint failed')) {
    return ['broken_reference', 'A reference from one row to another would be broken.', brokenReferenceHint];
  }
  const message = `The database '${filename}' refuses a row: ${asSentence(said)}`;
  if (isUnique(said)) return [constraintFailed, message, refusals.taken];
  // Everything else that aborts with this code is the RAISE of a trigger.
  const hint = /constraint failed|mismatch|cannot store/.test(said)
    ? refusals.altered
    : 'A trigger of the database says so: give it what it asks for, or change it.';
  return [constraintFailed, message, hint];
}

/** The sentence for an error of SQLite that a person can act on. `filename` is the database's. */
export function explainSqlite(error: unknown, filename: string): CommandError | undefined {
  return explainError(error, (cause, message) => {
    const said = message.replace(/^SQLITE_[A-Z_]+: /, '');
    return BY_CODE[codeOf(cause)]?.(filename, said) ?? generalError(said);
  });
}

function generalError(said: string): Explained | undefined {
  for (const [pattern, explain] of BY_MESSAGE) {
    const found = pattern.exec(said);
    if (found !== null) return explain(found.slice(1).find((part) => part !== undefined) ?? '', said);
  }
  return undefined;
}

const isUnique = (said: string) => /(UNIQUE|PRIMARY KEY) constraint failed|must be unique/.test(said);

export function isSqliteUniqueViolation(error: unknown): boolean {
  const cause = causeOf(error);
  return cause instanceof Error && isUnique(driverMessage(cause));
}
