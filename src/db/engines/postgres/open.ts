import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import knex from 'knex';
import { CommandError } from '../../../errors.js';
import { guardedClient, knexSettings } from '../../connect/client.js';
import { createNames } from '../../connect/names.js';
import type { OpenDatabase } from '../../connect/open-database.js';
import { quote } from '../../dialect/sql-text.js';
import { type ConnectOptions, poolTimeoutMs } from '../engine.js';
import { interruptConnections, openConnection, type PostgresConnections, postgresClient } from './client.js';
import { createPostgresDialect } from './dialect.js';
import { explainPostgres, type PostgresPlace } from './errors.js';
import { openPostgresLock } from './lock.js';
import type { PostgresServer } from './server.js';
import type { PostgresTarget } from './url.js';

/** Opens a PostgreSQL database: see `connect`. */
export function openPostgres(
  target: PostgresTarget,
  { poolSize }: Pick<ConnectOptions, 'poolSize'> = {},
): OpenDatabase {
  const server = serverOf(target);
  const place = placeOf(server, target.schema);
  const setup = target.schema === undefined ? undefined : `SET LOCAL search_path TO ${searchPath(target.schema)}`;
  const connections: PostgresConnections = { clients: new Set(), interrupted: false };
  const open = () =>
    openConnection(target, server, connections).catch((error: unknown) => {
      throw explainPostgres(error, place, { connecting: true }) ?? error;
    });
  const explain = (error: unknown) => explainPostgres(error, place);
  const names = createNames();
  const db = knex({
    ...knexSettings(names),
    client: guardedClient(postgresClient(open, setup), names, explain),
    // It makes Knex set up its pool; the client knows itself where to connect.
    connection: { database: server.database },
    pool: { min: 0, max: poolSize ?? 4 },
    ...(poolSize === undefined ? {} : { acquireConnectionTimeout: poolTimeoutMs }),
  });
  return {
    db,
    description: `${place.database} on ${place.server}`,
    dialect: createPostgresDialect({
      place,
      setup,
      openLock: (name) =>
        openPostgresLock(open, explain, `${target.schema?.split(',')[0]?.trim() || 'public'} ${name}`),
    }),
    interrupt: () => interruptConnections(connections, server),
  };
}

/** As libpq finds them: PG* variables, then a socket where there is one, the name of the user of this process. */
export function serverOf({ host, port, user, database }: PostgresTarget): PostgresServer {
  const { PGHOST, PGPORT, PGUSER, PGDATABASE } = process.env;
  const thePort = port ?? (Number(PGPORT) || 5432);
  const theUser = user ?? (PGUSER || systemUser());
  return {
    host: host ?? (PGHOST || socketFolder(thePort) || 'localhost'),
    port: thePort,
    user: theUser,
    database: database ?? (PGDATABASE || theUser),
  };
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch (cause) {
    throw new CommandError('The PostgreSQL user is not known: the user who runs this program has no name.', {
      code: 'bad_settings',
      hint: 'Name one in the database URL or in PGUSER.',
      cause,
    });
  }
}

function socketFolder(port: number): string | undefined {
  return ['/var/run/postgresql', '/tmp'].find((folder) => existsSync(`${folder}/.s.PGSQL.${port}`));
}

export function placeOf({ host, port, user, database }: PostgresServer, schema: string | undefined): PostgresPlace {
  return { server: `${host}:${port}`, user, database, schema };
}

/** `app` or `app,public`, quoted. */
function searchPath(schema: string): string {
  return schema
    .split(',')
    .map((name) => quote(name.trim()))
    .join(', ');
}
