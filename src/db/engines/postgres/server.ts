import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { CommandError } from '../../../errors.js';
import type { ServerAddress } from '../url-parts.js';
import type { PostgresPlace } from './errors.js';
import type { PostgresTarget } from './url.js';

/** Where to connect, with everything that libpq would find out by itself found out. */
export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/** The servers of a target, in the order in which they are tried. */
export type PostgresServers = readonly [PostgresServer, ...PostgresServer[]];

/** As libpq finds them: PG* variables, then a socket where there is one, the name of the user of this process. */
export function serversOf({ host, port, others = [], user, database }: PostgresTarget): PostgresServers {
  const { PGHOST, PGPORT, PGUSER, PGDATABASE } = process.env;
  const theUser = user ?? (PGUSER || systemUser());
  const ports = (PGPORT ?? '').split(',');
  const serverOf = (address: ServerAddress, index: number): PostgresServer => {
    const thePort = address.port ?? (Number(ports.length === 1 ? ports[0] : ports[index]) || 5432);
    return {
      host: address.host ?? (socketFolder(thePort) || 'localhost'),
      port: thePort,
      user: theUser,
      database: database ?? (PGDATABASE || theUser),
    };
  };
  const hosts = host === undefined && PGHOST ? PGHOST.split(',') : [host];
  const [first = { host, port }, ...further] = hosts.map((each) => ({ host: each || undefined, port }));
  return [serverOf(first, 0), ...[...further, ...others].map((each, index) => serverOf(each, index + 1))];
}

export function placeOf({ host, port, user, database }: PostgresServer, schema: string | undefined): PostgresPlace {
  return { server: `${host}:${port}`, user, database, schema };
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
