import { resolve } from 'node:path';
import { CommandError } from '../../../errors.js';
import type { UrlContext } from '../engine.js';
import {
  badUrl,
  orUndefined,
  parseAddresses,
  parseServerUrl,
  type ServerAddress,
  wrongEnvironment,
} from '../url-parts.js';

const sslModes = ['disabled', 'preferred', 'required', 'verify_ca', 'verify_identity'] as const;

export interface MariadbTarget {
  readonly engine: 'mariadb';
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** Further servers, in the order in which they are tried. */
  readonly others?: readonly ServerAddress[];
  /** Path of a socket, which goes before the host. */
  readonly socket: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  /** A file in the form of `my.cnf` with what the URL does not say. */
  readonly defaultsFile: string | undefined;
  readonly sslMode: (typeof sslModes)[number];
  readonly sslCa: string | undefined;
}

export function parseMariadbUrl(rest: string, { base, lookup }: UrlContext): MariadbTarget {
  const {
    given,
    host,
    others = [],
    ...place
  } = parseServerUrl(rest, {
    example: 'mysql://user:password@host:3306/name',
    parameters: ['hosts', 'socket', 'unix_socket', 'defaults-file', 'ssl-mode', 'ssl-ca'],
  });
  const path = (name: string) => {
    const file = orUndefined(given.get(name));
    return file === undefined ? undefined : resolve(base, file);
  };
  const hosts = orUndefined(given.get('hosts'));
  const further = [...others, ...(hosts === undefined ? [] : parseAddresses(hosts))]
    .map((each) => ({ host: each.host, port: each.port ?? place.port }))
    .filter((each) => each.host !== host || each.port !== place.port);
  return {
    engine: 'mariadb',
    ...place,
    ...(further.length > 0 ? { others: further } : {}),
    host: host?.startsWith('/') ? undefined : host,
    socket: path('socket') ?? path('unix_socket') ?? (host?.startsWith('/') ? host : undefined),
    defaultsFile: path('defaults-file'),
    sslMode: parseSslMode(given.get('ssl-mode'), path('ssl-ca'), lookup),
    sslCa: path('ssl-ca'),
  };
}

/** As for the servers' own clients; to name an authority asks for its certificate. */
function parseSslMode(
  given: string | undefined,
  authority: string | undefined,
  lookup: UrlContext['lookup'],
): MariadbTarget['sslMode'] {
  const variable = given === undefined ? lookup('MYSQL_SSL_MODE') : undefined;
  const wanted = given ?? (variable?.value || (authority === undefined ? 'preferred' : 'verify_ca'));
  const known = sslModes.find((mode) => mode === wanted.toLowerCase().replaceAll('-', '_'));
  if (known !== undefined) return known;
  const choices = `known are ${sslModes.join(', ')}`;
  if (variable === undefined) throw badUrl(`its ssl-mode is '${wanted}': ${choices}`);
  throw new CommandError(`MYSQL_SSL_MODE in ${variable.where} is '${wanted}': ${choices}.`, { code: wrongEnvironment });
}
