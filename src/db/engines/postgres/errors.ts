import type { CommandError } from '../../../errors.js';
import { asSentence } from '../../../text.js';
import { BrokenReference, type DanglingValue } from '../../dialect/broken-reference.js';
import { typeMismatch } from '../../dialect/error-text.js';
import { brokenReferenceHint, causeOf, codeOf, explainError, refusals } from '../../dialect/explain.js';
import {
  type Explanation as AnyExplanation,
  checkUrl,
  networkErrors,
  refused,
  type ServerFailure,
  type ServerPlace,
} from '../../dialect/server-errors.js';
import { quote } from '../../dialect/sql-text.js';

export interface PostgresPlace extends ServerPlace {
  readonly schema: string | undefined;
}

interface Failure extends PostgresPlace, ServerFailure {
  /** The statement of the server's own in which it failed, such as the one that checks a reference. */
  readonly internalQuery?: string;
  /** The statement that was sent, where the client notes it. */
  readonly statement?: string;
  /** Of a server's error: the table, and which values of it are meant. */
  readonly table?: string;
  readonly detail?: string;
  readonly constraint?: string;
}

/** Which role lacks which right. */
function accessHint({
  said,
  user,
  database,
  schema: path = 'public',
  internalQuery = '',
  statement = '',
}: Failure): string {
  if (/\bowner\b/.test(said)) return 'Use the role that owns it, or a member of that role.';
  const schema = /schema "?([^"\s]+)"?/.exec(said)?.[1];
  const role = quote(user);
  // PostgreSQL checks a reference as the owner of the table that it queries for it (ri_PerformCheck in ri_triggers.c).
  const checked = /FROM ONLY (\S+) .*FOR KEY SHARE/.exec(internalQuery)?.[1]?.replaceAll('"', '');
  if (schema !== undefined && checked !== undefined) {
    return (
      `References to '${checked}' are checked as the owner of that table, who lacks the right: ` +
      `\`GRANT USAGE ON SCHEMA ${quote(schema)} TO\` that role, which psql's \`\\dt ${checked}\` shows.`
    );
  }
  if (schema !== undefined) {
    return (
      `\`GRANT USAGE, CREATE ON SCHEMA ${quote(schema)} TO ${role}\`, or \`ALTER DATABASE ${quote(database)} ` +
      `OWNER TO ${role}\`: since PostgreSQL 15, new roles cannot create tables in the schema public.`
    );
  }
  const [, kind, name] = /for (table|view|relation|sequence) (\S+?)\.?$/.exec(said) ?? [];
  if (name === undefined) return 'Give the right with GRANT.';
  const rights = kind === 'sequence' ? 'USAGE, SELECT, UPDATE' : rightsFor(statement, name);
  const [schemaName = ''] = path.split(',').map((each) => each.trim());
  const all = kind === 'sequence' ? 'ALL SEQUENCES' : 'ALL TABLES';
  return `Give the right with \`GRANT ${rights} ON ${kind === 'sequence' ? 'SEQUENCE ' : ''}${quote(name)} TO ${role}\`, or on ${all} IN SCHEMA ${quote(schemaName)}.`;
}

/** The rights on a table that a statement needs; what it returns and looks for is read. */
function rightsFor(statement: string, table: string): string {
  const [, verb = '', target] =
    /^\s*(insert\s+into|update|delete\s+from|truncate(?:\s+table)?|lock\s+table|copy|select)\s+(?:only\s+)?((?:"[^"]+"\.)?"?[^\s"(,;]+)?/i.exec(
      statement,
    ) ?? [];
  const chief = verb.split(/\s/)[0]?.toUpperCase() ?? '';
  const isTarget = target?.replaceAll('"', '').split('.').at(-1) === table;
  if (chief === 'TRUNCATE') return 'TRUNCATE';
  if (chief === 'SELECT') return /\bfor (?:no key )?update\b/i.test(statement) ? 'SELECT, UPDATE' : 'SELECT';
  if (chief === 'INSERT' && isTarget) {
    return /\bdo update\b/i.test(statement) ? 'SELECT, INSERT, UPDATE' : 'SELECT, INSERT';
  }
  if ((chief === 'UPDATE' || chief === 'DELETE') && isTarget) return `SELECT, ${chief}`;
  return 'SELECT, INSERT, UPDATE, DELETE';
}

type Explanation = AnyExplanation<Failure>;

const network = networkErrors({ product: 'PostgreSQL', server: 'PostgreSQL server', kind: 'a PostgreSQL server' });
const { lost, noAnswer } = network;
const PASSWORD_HINT = 'Give the right one in the database URL, in PGPASSWORD or in ~/.pgpass.';

const ended: Explanation = ({ server, database }) => [
  'connection_lost',
  `The PostgreSQL server at ${server} has ended the connection to '${database}': it is shutting down, or the database is being reset.`,
  'What was not committed is not in the database. Try again.',
];
const noPassword: Explanation = ({ server, user }) => [
  'wrong_password',
  `PostgreSQL at ${server} wants a password for the user '${user}'.`,
  PASSWORD_HINT,
];
const noTls: Explanation = ({ server }) => [
  'tls_failed',
  `The PostgreSQL server at ${server} does not offer TLS, which the sslmode demands.`,
  'Use `sslmode=prefer` in the database URL, or switch `ssl` on at the server.',
];
const noTrust: Explanation = ({ server, said }) => [
  'tls_failed',
  `The PostgreSQL server at ${server} cannot be trusted: ${asSentence(said)}`,
  'Name its root certificate with `sslrootcert`, or use `sslmode=require`, in the database URL.',
];
const locked: Explanation = ({ database, said }) => [
  'database_locked',
  `The database '${database}' could not do this: ${asSentence(said)}`,
  'Try again when the other program that uses these rows has finished.',
];
const altered = refused(refusals.altered);
const misfit: Explanation = ({ database, said }) => [
  typeMismatch,
  `A value does not fit the type of its column in the database '${database}': ${asSentence(said)}`,
];
const brokenReference: Explanation = ({ table, detail }) => [
  'broken_reference',
  `A reference from one row to another would be broken in '${table}': ${detail}`,
  brokenReferenceHint,
];
const damaged: Explanation = ({ server, database, said }) => [
  'database_corrupt',
  `The database '${database}' at ${server} is damaged: ${asSentence(said)}`,
  "Look into the server's log, and restore the database from a backup.",
];
const nul: Explanation = () => [
  'bad_value',
  'A value has the character NUL (U+0000), which PostgreSQL cannot store.',
  'Take it out of the value.',
];

/** By SQLSTATE (postgresql.org/docs/current/errcodes-appendix.html) or by Node's code of an error of the network. */
const BY_CODE: Readonly<Record<string, Explanation>> = {
  ...network.byCode,
  '08006': lost,
  '08003': lost,
  '25P03': lost,
  '57P05': lost,
  '57P01': ended,
  '57P02': lost,
  '57P03': ({ server }) => [
    'database_unreachable',
    `The PostgreSQL server at ${server} is starting up or shutting down.`,
    'Try again in a moment.',
  ],
  '53300': ({ server, said }) => [
    'database_unreachable',
    `The PostgreSQL server at ${server} has no free connections: ${asSentence(said)}`,
    'Try again later, or raise the limit: `max_connections`, or that of the role or database.',
  ],
  // What PgBouncer says where it has no connection to give, and for little else (pgbouncer.org/config.html).
  '08P01': ({ server, database, said }) => [
    'database_unreachable',
    `What answers at ${server} gives no connection to '${database}': ${asSentence(said)}`,
    'Try again later, or look into the log and the limits of the pooler: `default_pool_size`, `query_wait_timeout`.',
  ],
  '28P01': ({ server, user }) => [
    'wrong_password',
    `PostgreSQL at ${server} does not accept this password of '${user}'.`,
    PASSWORD_HINT,
  ],
  '28000': ({ server, user }) => [
    'access_denied',
    `PostgreSQL at ${server} rejects the user '${user}'.`,
    `${checkUrl}: its user and its sslmode. The server's rules are in its pg_hba.conf.`,
  ],
  '42501': (failure) => [
    'access_denied',
    `The user '${failure.user}' lacks a privilege in '${failure.database}': ${asSentence(failure.said)}`,
    accessHint(failure),
  ],
  '3D000': ({ server, database }) => [
    'missing_database',
    `PostgreSQL at ${server} has no database '${database}'.`,
    `Make it with \`createdb\`. ${checkUrl}.`,
  ],
  '3F000': ({ database, schema }) => [
    'missing_schema',
    `The database '${database}' has no schema '${schema ?? 'public'}'.`,
    `Make it with \`CREATE SCHEMA\`. ${checkUrl}.`,
  ],
  '42P01': ({ said }) => ['missing_table', `The database has no table '${/["«„](.+?)["»“]/.exec(said)?.[1] ?? '?'}'.`],
  '42703': ({ database, said }) => [
    'missing_column',
    `A table of the database '${database}' lacks a column: ${asSentence(said)}`,
  ],
  '25006': ({ server, database, said }) => [
    'database_read_only',
    `The database '${database}' at ${server} can only be read: ${asSentence(said)}`,
    'If that server is a standby, use the primary one.',
  ],
  '53100': ({ server }) => [
    'disk_full',
    `The PostgreSQL server at ${server} has no disk space left.`,
    'Free some space there.',
  ],
  '40001': locked,
  '40P01': locked,
  '55P03': locked,
  '57014': ({ database, said }) => [
    'query_cancelled',
    `The server ended a query on '${database}': ${asSentence(said)}`,
    "Try again when it has less to do, or raise this user's `statement_timeout`.",
  ],
  '22P02': misfit,
  '22007': misfit,
  '22008': misfit,
  '42804': misfit,
  '42846': misfit,
  '42883': misfit,
  '23001': brokenReference,
  '23503': brokenReference,
  '23502': altered,
  '23514': altered,
  '23P01': altered,
  '22001': altered,
  '22003': altered,
  '23505': refused(refusals.taken),
  P0001: refused(refusals.raised),
  XX001: damaged,
  XX002: damaged,
  '22021': nul,
  '22P05': nul,
};

/** Errors that have no code that says enough, by their text. */
const BY_MESSAGE: readonly (readonly [RegExp, Explanation])[] = [
  [/client password must be a|empty password/, noPassword],
  [/does not support SSL connections/, noTls],
  [/certificate|altnames|SSL routines/i, noTrust],
  [/timeout expired|connection timeout/, noAnswer],
  [/Connection terminated|connection error and is not queryable|Client was closed/, lost],
];

function explanationOf(error: Error, said: string): Explanation | undefined {
  // SQLSTATE of a server's error, or Node's code of an error of the network.
  const code = codeOf(error);
  if (BY_CODE[code] !== undefined) return BY_CODE[code];
  // A server's error of any other kind may have these words in it.
  return /^[0-9A-Z]{5}$/.test(code) ? undefined : BY_MESSAGE.find(([pattern]) => pattern.test(said))?.[1];
}

/** The one that the server names: `Key (user_id)=(7) is not present in table "auth_user".`, in whatever language. */
function danglingValues({ table, detail = '' }: Failure): DanglingValue[] {
  const [, column, value] = /\((\w+)\)=\((.*?)\) /.exec(detail) ?? [];
  return table === undefined || column === undefined || value === undefined ? [] : [{ table, column, value }];
}

/** The sentence for an error that a person can act on; `connecting` tells one that ends the attempt to connect. */
export function explainPostgres(
  error: unknown,
  place: PostgresPlace,
  { connecting = false }: { readonly connecting?: boolean } = {},
): CommandError | undefined {
  return explainError(error, (cause, said) => {
    const found = explanationOf(cause, said);
    if (found === undefined) return undefined;
    const failure: Failure = { ...cause, ...place, said };
    const [code, message, hint] = (connecting && found === lost ? network.hungUp : found)(failure);
    return found === brokenReference
      ? new BrokenReference(message, danglingValues(failure), { cause, hint, constraint: failure.constraint })
      : [code, message, hint];
  });
}

const hasCode = (error: unknown, ...codes: string[]) => {
  const cause = causeOf(error);
  return cause instanceof Error && codes.includes(codeOf(cause));
};

export const isPostgresUniqueViolation = (error: unknown): boolean => hasCode(error, '23505');

/** A serialization failure or a deadlock. */
export const isPostgresConflict = (error: unknown): boolean => hasCode(error, '40001', '40P01');
