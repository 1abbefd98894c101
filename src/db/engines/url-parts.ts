import { CommandError } from '../../errors.js';
import { didYouMean } from '../../text.js';

/** An error about a URL: a message to stand after "The URL of …:". It never repeats the URL, which may hold a password. */
export const badUrl = (message: string): CommandError => new CommandError(message, { code: 'bad_settings' });

/** Percent-encoded text as it is meant; `what` names it in the error. */
export function decodePart(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl(`its ${what} has a % that is not followed by two hexadecimal digits: write %25 for a percent sign`);
  }
}

export const orUndefined = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

function parsePort(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65535) {
    throw badUrl(
      'its port is not a number from 1 to 65535 (characters such as / : @ # in a password must be percent-encoded)',
    );
  }
  return port;
}

function parseParameters(query: string, known: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const pair of query.split('&').filter(Boolean)) {
    const at = pair.indexOf('=');
    const name = decodePart(at === -1 ? pair : pair.slice(0, at), 'parameters');
    if (!known.includes(name)) {
      throw badUrl(
        `it has the unknown parameter '${name}': ${didYouMean(name, known) ?? `known are ${known.join(', ')}`}`,
      );
    }
    found.set(name, at === -1 ? '' : decodePart(pair.slice(at + 1), `parameter ${name}`));
  }
  return found;
}

/** A server, as far as a URL says where it is. */
export interface ServerAddress {
  readonly host: string | undefined;
  readonly port: number | undefined;
}

/** What all URLs of servers say, whether in its own place or as a parameter of that name. */
export interface ServerUrl extends ServerAddress {
  /** Further servers, in the order in which they are tried where the first cannot be used. */
  readonly others?: readonly ServerAddress[];
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  /** The parameters, those above included. */
  readonly given: ReadonlyMap<string, string>;
}

/** Parameters that stand for parts of the URL. */
const placeParameters = ['host', 'port', 'user', 'password', 'dbname'];

/**
 * Reads `host:port,host:port`, of which each part but the hosts may be missing.
 *
 * @throws CommandError where one of several has no host.
 */
export function parseAddresses(text: string): ServerAddress[] {
  const parts = text.split(',');
  return parts.map((part) => {
    const place = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(part);
    const host = orUndefined(decodePart(place?.[1] ?? '', 'host').replace(/^\[(.*)\]$/, '$1'));
    if (place === null || (host === undefined && parts.length > 1)) {
      throw badUrl('its hosts are not as in host:port,host:port (an address with colons stands in brackets)');
    }
    return { host, port: parsePort(place[2]) };
  });
}

/** The servers of `?host=` and `?port=`, which go before those in the place of the host: as many ports as hosts, or one. */
function serversOf(written: string, host: string | undefined, port: string | undefined): ServerAddress[] {
  const inPlace = parseAddresses(written);
  const hosts = host === undefined ? inPlace.map((each) => each.host) : host.split(',').map(orUndefined);
  const ports = port === undefined ? inPlace.map((each) => each.port) : port.split(',').map(parsePort);
  if (ports.length !== 1 && ports.length !== hosts.length) {
    throw badUrl(`it names ${hosts.length} hosts and ${ports.length} ports: give as many, or one port for all`);
  }
  return hosts.map((each, index) => ({ host: each, port: ports.length === 1 ? ports[0] : ports[index] }));
}

/** Takes `//user:password@host:port,host:port/name?parameters` apart. */
export function parseServerUrl(
  rest: string,
  { example, parameters }: { readonly example: string; readonly parameters: readonly string[] },
): ServerUrl {
  const match = /^\/\/([^/?]*)(?:\/([^?]*))?(?:\?([\s\S]*))?$/.exec(rest);
  if (match === null) throw badUrl(`write ${example}`);
  const [, authority = '', path = '', query = ''] = match;
  const given = parseParameters(query, [...placeParameters, ...parameters]);
  const at = authority.lastIndexOf('@');
  const [user, ...password] = at === -1 ? [] : authority.slice(0, at).split(':');
  const parameter = (name: string) => orUndefined(given.get(name));
  const [first, ...others] = serversOf(authority.slice(at + 1), parameter('host'), parameter('port'));
  return {
    host: first?.host,
    port: first?.port,
    ...(others.length > 0 ? { others } : {}),
    user: parameter('user') ?? (user === undefined ? undefined : orUndefined(decodePart(user, 'user'))),
    password:
      parameter('password') ??
      (password.length === 0 ? undefined : orUndefined(decodePart(password.join(':'), 'password'))),
    database: parameter('dbname') ?? orUndefined(decodePart(path, 'database name')),
    given,
  };
}

/** Code of the error that is about a variable of the environment, in a sentence of its own. */
export const wrongEnvironment = 'bad_environment';

/** Whether what goes to the host stays on this machine; a path is that of a socket. */
export const isLocalHost = (host: string | undefined): boolean =>
  host === undefined || host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\./.test(host);
