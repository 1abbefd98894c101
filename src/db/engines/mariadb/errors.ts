import type { CommandError } from '../../../errors.js';
import { asSentence } from '../../../text.js';
import { BrokenReference, type DanglingValue } from '../../dialect/broken-reference.js';
import { brokenReferenceHint, causeOf, codeOf, explainError, refusals } from '../../dialect/explain.js';
import { checkUrl, type Explanation, networkErrors, refused, type ServerPlace } from '../../dialect/server-errors.js';

const network = networkErrors({ product: 'MariaDB or MySQL', server: 'server', kind: 'such a server' });
const { lost, noAnswer } = network;
const locked: Explanation = ({ database, said }) => [
  'database_locked',
  `The database '${database}' could not do this, as what it needs is locked: ${asSentence(said)}`,
  'Try again when the other program that uses these rows has finished.',
];
const denied: Explanation = ({ user, database, said }) => [
  'access_denied',
  `The user '${user}' lacks a privilege in '${database}': ${asSentence(said)}`,
  grantHint(said),
];

/**
 * `INSERT command denied to user 'app'@'localhost' for table `auth`.`auth_group``, with or without the quotes of the last. The host
 * in it is where the client comes from, and not that of the account: to grant it something would make another account.
 */
function grantHint(said: string): string {
  const [, right, table] = /^([A-Z ,]+?) command denied to user '[^']*'@'[^']*' for table (\S+?)\.?$/.exec(said) ?? [];
  return table === undefined
    ? 'Give the right with GRANT.'
    : `Give the right with: GRANT ${right} ON ${table} TO the account that SELECT CURRENT_USER() shows.`;
}

const readOnly: Explanation = ({ server, database }) => [
  'database_read_only',
  `The database '${database}' at ${server} can only be read.`,
  'If that server is a replica, use the primary one.',
];
const altered = refused(refusals.altered);
const tooMany: Explanation = ({ server, said }) => [
  'database_unreachable',
  `The server at ${server} has no free connections: ${asSentence(said)}`,
  'Try again later, or raise `max_connections`.',
];
const brokenReference: Explanation = ({ said }) => ['broken_reference', referenceSentence(said), brokenReferenceHint];
const noTls: Explanation = ({ server }) => [
  'tls_failed',
  `The server at ${server} does not offer TLS, which the ssl-mode demands.`,
  'Use `ssl-mode=preferred` in the database URL, or switch TLS on at the server.',
];
const noTrust: Explanation = ({ server, said }) => [
  'tls_failed',
  `The server at ${server} cannot be trusted: ${asSentence(said)}`,
  'Name its root certificate with `ssl-ca`, or use `ssl-mode=required`, in the database URL.',
];
const full: Explanation = ({ server }) => [
  'disk_full',
  `The server at ${server} has no disk space left.`,
  'Free some space there.',
];
const tooLarge: Explanation = ({ server }) => [
  'too_large',
  `A statement is larger than the server at ${server} takes.`,
  'Raise `max_allowed_packet` there.',
];
const mangled: Explanation = ({ database, said }) => [
  'bad_value',
  `A text cannot be stored in the character set of its column in '${database}': ${asSentence(said)}`,
  'Change the table with `ALTER TABLE … CONVERT TO CHARACTER SET utf8mb4`.',
];

/** By the server's number (mariadb.com/kb/en/mariadb-error-code-reference), or by Node's code of an error of the network. */
const BY_CODE: Readonly<Record<string, Explanation>> = {
  ...network.byCode,
  PROTOCOL_CONNECTION_LOST: lost,
  PROTOCOL_SEQUENCE_TIMEOUT: noAnswer,
  HANDSHAKE_NO_SSL_SUPPORT: noTls,
  HANDSHAKE_SSL_ERROR: noTrust,
  1021: full,
  1040: tooMany,
  1203: tooMany,
  1226: tooMany,
  1041: full,
  1044: denied,
  1142: denied,
  1143: denied,
  1227: denied,
  1370: denied,
  1045: ({ server, user, said }) => [
    'wrong_password',
    /using password: NO/i.test(said)
      ? `The server at ${server} wants a password for the user '${user}'.`
      : `The server at ${server} does not accept this password of '${user}'.`,
    'Give the right one in the database URL, in MYSQL_PWD or in an option file (`defaults-file`).',
  ],
  1698: ({ server, user }) => [
    'access_denied',
    `The server at ${server} rejects the user '${user}'.`,
    `${checkUrl}: such a user may only come by the socket and from its own account.`,
  ],
  1049: ({ server, database }) => [
    'missing_database',
    `The server at ${server} has no database '${database}'.`,
    `Make it with \`CREATE DATABASE\`. ${checkUrl}.`,
  ],
  1051: missingTable(),
  1146: missingTable(),
  1054: ({ database, said }) => [
    'missing_column',
    `A table of the database '${database}' lacks a column: ${asSentence(said.replace(/ in '[^']*'$/, ''))}`,
  ],
  1047: ({ server }) => [
    'database_unreachable',
    `The server at ${server} is not part of its cluster now.`,
    'Use another node, or try again when it is.',
  ],
  1053: lost,
  1077: lost,
  1079: lost,
  1927: lost,
  1114: full,
  1153: tooLarge,
  1205: locked,
  1213: locked,
  // Group Replication: another member has committed first.
  3101: locked,
  1222: locked,
  3572: locked,
  1290: readOnly,
  1792: readOnly,
  1836: readOnly,
  1264: altered,
  1406: altered,
  1048: altered,
  1364: altered,
  1690: altered,
  3819: altered,
  4025: altered,
  1265: altered,
  1292: altered,
  1062: refused(refusals.taken),
  1586: refused(refusals.taken),
  1644: refused(refusals.raised),
  1216: brokenReference,
  1217: brokenReference,
  1451: brokenReference,
  1452: brokenReference,
  1366: mangled,
  3988: mangled,
  1317: ({ database }) => [
    'query_cancelled',
    `The server ended a query on '${database}'.`,
    'Try again when it has less to do.',
  ],
  1969: ({ database }) => [
    'query_cancelled',
    `The server ended a query on '${database}', which took too long.`,
    'Try again when it has less to do, or raise `max_statement_time`.',
  ],
};

function missingTable(): Explanation {
  return ({ said }) => [
    'missing_table',
    `The database has no table '${/'(?:[^'.]+\.)?([^']+)'/.exec(said)?.[1] ?? '?'}'.`,
  ];
}

/** Errors that have no code that says enough, by their text. */
const BY_MESSAGE: readonly (readonly [RegExp, Explanation])[] = [
  [/certificate|altnames|SSL routines/i, noTrust],
  [/connect ETIMEDOUT|connection timeout/i, noAnswer],
  [/connection is in closed state|Connection lost|after fatal error|has been closed|server has gone away/i, lost],
];

const numberOf = (error: Error) => ('errno' in error && typeof error.errno === 'number' ? error.errno : undefined);

function explanationOf(error: Error, said: string): Explanation | undefined {
  const code = codeOf(error);
  const found = BY_CODE[numberOf(error) ?? ''] ?? BY_CODE[code];
  return found ?? (code.startsWith('ER_') ? undefined : BY_MESSAGE.find(([pattern]) => pattern.test(said))?.[1]);
}

/** What the server names: `(`db`.`blog`, CONSTRAINT `x` FOREIGN KEY (`user_id`) REFERENCES `auth_user` (`id`))`. */
function referenceIn(said: string): Readonly<Record<'table' | 'column' | 'target', string>> | undefined {
  const [, table, column, target] =
    /fails \([`"][^`"]*[`"]\.[`"]([^`"]*)[`"].*FOREIGN KEY \([`"]([^`"]*)[`"]\) REFERENCES [`"]([^`"]*)[`"]/.exec(
      said,
    ) ?? [];
  return table === undefined || column === undefined || target === undefined ? undefined : { table, column, target };
}

function referenceSentence(said: string): string {
  const found = referenceIn(said);
  if (found === undefined) return 'A reference from one row to another would be broken.';
  const { table, column, target } = found;
  return /parent row/.test(said)
    ? `Rows of '${table}' refer with '${column}' to a row of '${target}' that would go.`
    : `A row of '${table}' would refer with '${column}' to a row of '${target}' that does not exist.`;
}

/** The column that the server names where a row to refer to is missing. */
function danglingValues(said: string): DanglingValue[] {
  const found = referenceIn(said);
  return found === undefined ? [] : [{ table: found.table, column: found.column, value: '' }];
}

/** The sentence for an error that a person can act on; `connecting` tells one that ends the attempt to connect. */
export function explainMariadb(
  error: unknown,
  place: ServerPlace,
  { connecting = false }: { readonly connecting?: boolean } = {},
): CommandError | undefined {
  return explainError(error, (cause, said) => {
    const found = explanationOf(cause, said);
    if (found === undefined) return undefined;
    const [code, message, hint] = (connecting && found === lost ? network.hungUp : found)({ ...place, said });
    return found === brokenReference
      ? new BrokenReference(message, danglingValues(said), { cause, hint })
      : [code, message, hint];
  });
}

const hasNumber = (error: unknown, ...numbers: number[]) => {
  const cause = causeOf(error);
  return cause instanceof Error && numbers.includes(numberOf(cause) ?? 0);
};

export const isMariadbUniqueViolation = (error: unknown): boolean => hasNumber(error, 1062, 1586);

/** Whether the server ended the transaction for the sake of another one: all of it may be tried again. */
export const isMariadbConflict = (error: unknown): boolean => hasNumber(error, 1213, 1020, 3101);

export const isMariadbLockTimeout = (error: unknown): boolean => hasNumber(error, 1205);
