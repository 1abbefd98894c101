import { CommandError } from '../../errors.js';

/** Where a server is, in the words for a person: no user, no password. */
export interface PostgresPlace {
  readonly database: string;
  /** `localhost:5432`, or the folder of a socket. */
  readonly server: string;
  readonly user: string;
  readonly schema: string | undefined;
}

interface DriverError extends Error {
  readonly code?: string;
  readonly table?: string;
  readonly detail?: string;
  readonly constraint?: string;
}

/** SQLSTATE of a server's error, or Node's code of a network error. */
export function postgresCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The sentence for an error that a person can act on (postgresql.org/docs/current/errcodes-appendix.html). */
export function explainPostgres(error: unknown, place: PostgresPlace): CommandError | undefined {
  if (!(error instanceof Error) || error instanceof CommandError) return undefined;
  const { database, server, user, schema } = place;
  const explained = (message: string, code: string, hint?: string) =>
    new CommandError(message, { code, hint, cause: error } as ConstructorParameters<typeof CommandError>[1]);
  const { table, detail, constraint } = error as DriverError;
  const said = error.message.slice(error.message.lastIndexOf(' - ') + 1).replace(/^- /, '');
  switch (postgresCode(error)) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return explained(
        `No PostgreSQL server answers at ${server}.`,
        'database_unreachable',
        'Start it, or correct the database URL in the settings.',
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return explained(
        `The host of the PostgreSQL server, ${server}, is not known.`,
        'database_unreachable',
        'Check the database URL in the settings and the network.',
      );
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return explained(
        `The PostgreSQL server at ${server} cannot be reached.`,
        'database_unreachable',
        'Check the network, and the database URL in the settings.',
      );
    case '28P01':
      return explained(
        `PostgreSQL at ${server} does not accept the password of the user '${user}'.`,
        'wrong_password',
        'Correct it in the database URL of the settings.',
      );
    case '28000':
      return explained(
        `PostgreSQL at ${server} does not let the user '${user}' in.`,
        'access_denied',
        'Check the user and the sslmode in the database URL, and the pg_hba.conf of the server.',
      );
    case '3D000':
      return explained(
        `PostgreSQL at ${server} has no database '${database}'.`,
        'missing_database',
        `Make it with \`createdb ${database}\`, or correct the database URL in the settings.`,
      );
    case '3F000':
      return explained(
        `The database '${database}' has no schema '${schema}'.`,
        'missing_schema',
        `Make it with \`CREATE SCHEMA\`, or correct the database URL in the settings.`,
      );
    case '42P01': {
      const name = /relation "(.+?)" does not exist/.exec(error.message)?.[1];
      return name === undefined
        ? undefined
        : explained(`The database has no table '${name}'.`, 'missing_table', 'Run `manage migrate` to make it.');
    }
    case '42501':
      return explained(
        `The user '${user}' may not do this on '${database}': ${said}.`,
        'access_denied',
        'Give the right with GRANT, or use another user in the database URL.',
      );
    case '25006':
      return explained(
        `The database '${database}' at ${server} can only be read: it is a standby, or set to read-only.`,
        'database_read_only',
        'Use the primary server in the database URL.',
      );
    case '53100':
      return explained(
        `The PostgreSQL server at ${server} has no room left on its disk.`,
        'disk_full',
        'Free some space there.',
      );
    case '53300':
      return explained(
        `The PostgreSQL server at ${server} has no connection to spare.`,
        'too_many_connections',
        'Try again later, or raise max_connections on the server.',
      );
    case '55P03':
    case '40P01':
    case '57014':
      return explained(
        `Another program keeps the rows that are needed in '${database}' locked, or the time allowed ran out.`,
        'database_locked',
        'Try again when that program has finished.',
      );
    case '57P03':
      return explained(
        `The PostgreSQL server at ${server} is starting up or shutting down.`,
        'database_unreachable',
        'Try again in a moment.',
      );
    case '57P01':
    case '57P02':
    case 'ECONNRESET':
    case 'EPIPE':
      return lost(error, place);
    case '23503':
      return explained(
        `A row of '${table}' refers to a row that does not exist (${detail ?? constraint}); nothing was changed.`,
        'broken_reference',
      );
    case '22021':
    case '22P05':
      return explained(
        'PostgreSQL cannot store the character NUL (U+0000), which a value has.',
        'bad_value',
        'Take it out of the value.',
      );
  }
  if (/^(The server does not support SSL|Connection terminated|Client has encountered|timeout expired)/.test(said)) {
    return said.startsWith('The server does not')
      ? explained(
          `The PostgreSQL server at ${server} does not offer TLS, which the sslmode demands.`,
          'tls_failed',
          'Use sslmode=prefer in the database URL, or enable ssl on the server.',
        )
      : lost(error, place);
  }
  return undefined;
}

function lost(cause: unknown, { server }: PostgresPlace): CommandError {
  return new CommandError(`The connection to the PostgreSQL server at ${server} was lost.`, {
    code: 'connection_lost',
    hint: 'What was not committed is not in the database. Try again.',
    cause,
  });
}

export function isPostgresUniqueViolation(error: unknown): boolean {
  return postgresCode(error) === '23505';
}
