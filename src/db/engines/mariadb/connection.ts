import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions, Connection as RawConnection } from 'mysql2';
import { CommandError } from '../../../errors.js';
import type { MariadbServer } from './server.js';
import type { MariadbTarget } from './url.js';

/** The connections of one open database. */
export interface MariadbConnections {
  readonly open: Map<RawConnection, MariadbServer>;
  /** Set when they have been ended: no further one is opened then. */
  interrupted: boolean;
}

export const CONNECT_TIMEOUT_MS = 15_000;

async function loadDriver(): Promise<typeof import('mysql2')> {
  try {
    const { default: driver } = await import('mysql2');
    return driver;
  } catch (cause) {
    throw new CommandError('The package mysql2, which connects to MariaDB and MySQL, is not installed.', {
      code: 'no_driver',
      hint: 'Install it with `npm install mysql2`.',
      cause,
    });
  }
}

/** What the session needs, whatever the server's defaults are. */
const SESSION = [
  // What does not fit is an error, never cut off; a key of 0 stays 0; names and texts are written as in the standard, so that
  // a project's own SQL can be the same on all engines.
  "sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO,NO_BACKSLASH_ESCAPES,ANSI_QUOTES,PIPES_AS_CONCAT'",
  // Django's own (Django 5.2 db/backends/mysql/base.py).
  "time_zone = '+00:00'",
  'autocommit = 1',
  'foreign_key_checks = 1',
  'unique_checks = 1',
  // Lists are never cut off.
  'group_concat_max_len = 4294967295',
];

type Attempt = Pick<ConnectionOptions, 'ssl'>;

/** The ways to connect that an ssl-mode allows, in the order in which they are tried. */
async function attemptsOf({ sslMode, sslCa }: MariadbTarget, { host, socket }: MariadbServer): Promise<Attempt[]> {
  if (socket !== undefined) return [{}];
  const unverified: Attempt = { ssl: { rejectUnauthorized: false } };
  switch (sslMode) {
    case 'disabled':
      return [{}];
    case 'preferred':
      return [unverified, {}];
    case 'required':
      return [unverified];
    default: {
      if (sslMode === 'verify_identity' && isIP(host) !== 0) throw unnamedServer(host);
      const ca = sslCa === undefined ? undefined : await readAuthority(sslCa);
      return [
        {
          ssl: {
            rejectUnauthorized: true,
            verifyIdentity: sslMode === 'verify_identity',
            ...(ca === undefined ? {} : { ca }),
          },
        },
      ];
    }
  }
}

/** The driver compares the certificate of a server that is named by its address with the name `localhost`. */
function unnamedServer(host: string): CommandError {
  return new CommandError(`The name in the server's certificate cannot be compared with the address ${host}.`, {
    code: 'tls_failed',
    hint: 'Name the server in the database URL as its certificate does, or use ssl-mode=verify_ca.',
  });
}

async function readAuthority(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CommandError(`The root certificate '${file}' cannot be read.`, {
      code: 'tls_failed',
      hint: 'Correct ssl-ca in the database URL.',
      cause,
    });
  }
}

export interface ConnectionRequest {
  readonly target: MariadbTarget;
  readonly server: MariadbServer;
  /** Another database than the server's, or none. */
  readonly database?: string | null;
  readonly connections?: MariadbConnections;
  /** Seconds to wait for locks of rows; by default as long as the server does. */
  readonly lockTimeoutSeconds?: number | undefined;
}

/** Connects, and tells the session what it needs. @throws the driver's error of the last way that the ssl-mode allows. */
export async function openConnection(request: ConnectionRequest): Promise<RawConnection> {
  const { target, server, connections } = request;
  const driver = await loadDriver();
  const attempts = await attemptsOf(target, server);
  for (const [index, attempt] of attempts.entries()) {
    try {
      return await connectOnce(driver, request, attempt);
    } catch (error) {
      if (connections?.interrupted || index === attempts.length - 1 || !refusesTls(error)) throw error;
    }
  }
  throw new Error('An ssl-mode allows at least one way to connect.');
}

const refusesTls = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'HANDSHAKE_NO_SSL_SUPPORT';

async function connectOnce(
  driver: typeof import('mysql2'),
  { server, database = server.database, connections, lockTimeoutSeconds }: ConnectionRequest,
  attempt: Attempt,
): Promise<RawConnection> {
  const { host, port, socket, user, password } = server;
  const connection = driver.createConnection({
    ...(socket === undefined ? { host, port } : { socketPath: socket }),
    user,
    ...(password === undefined ? {} : { password }),
    ...(database === null ? {} : { database }),
    ...attempt,
    charset: 'utf8mb4_unicode_ci',
    connectTimeout: CONNECT_TIMEOUT_MS,
    connectAttributes: { program_name: 'manage-auth' },
    // All that JavaScript's own values would round or shift stays the server's text.
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    jsonStrings: true,
    multipleStatements: false,
  });
  // The driver only asks the server to hang up: one that does not answer would keep the program from its end, and what waits waiting.
  const close = connection.destroy.bind(connection);
  connection.destroy = () => {
    close();
    streamOf(connection).destroy(Object.assign(new Error('Connection closed.'), { code: 'PROTOCOL_CONNECTION_LOST' }));
  };
  // A connection that breaks while nobody uses it must not end the process; its next query fails.
  connection.on('error', (error) => Object.assign(connection, { __knex__disposed: error }));
  connection.on('end', () => connections?.open.delete(connection));
  connections?.open.set(connection, server);
  try {
    await new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
    const lockTimeout = lockTimeoutSeconds === undefined ? [] : [`innodb_lock_wait_timeout = ${lockTimeoutSeconds}`];
    await runRaw(connection, `SET SESSION ${[...SESSION, ...lockTimeout].join(', ')}`);
    await runRaw(connection, 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
    return connection;
  } catch (error) {
    connections?.open.delete(connection);
    connection.destroy();
    throw error;
  }
}

/** What the driver sends and receives by; its types do not have it. */
const streamOf = (connection: RawConnection): Duplex => (connection as unknown as { readonly stream: Duplex }).stream;

/** Runs one statement and resolves with its rows. */
export function runRaw<Row = Record<string, unknown>>(connection: RawConnection, sql: string): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    connection.query(sql, (error, rows) => (error ? reject(error) : resolve(rows as unknown as Row[])));
  });
}

/** Ends all connections at once, and asks the servers to end what they do for them. */
export function interruptConnections(connections: MariadbConnections, target: MariadbTarget): void {
  connections.interrupted = true;
  // A server that has not answered yet does nothing for them.
  const open = [...connections.open].filter(([{ threadId }]) => typeof threadId === 'number');
  for (const connection of connections.open.keys()) connection.destroy();
  for (const server of new Set(open.map(([, each]) => each))) {
    openConnection({ target, server, database: null })
      .then(async (killer) => {
        for (const [{ threadId }, at] of open) {
          if (at === server) await runRaw(killer, `KILL ${threadId}`).catch(() => undefined);
        }
        killer.destroy();
      })
      .catch(() => undefined);
  }
}
