import { resolve } from 'node:path';
import { CommandError } from '../errors.js';
import { didYouMean } from '../text.js';
import type { Environment } from './environment.js';
import type { DatabaseTarget } from './settings.js';

type Lookup = Environment['lookup'];

const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
const parameters = ['host', 'port', 'user', 'password', 'dbname', 'schema', 'sslmode', 'sslrootcert'] as const;

const bad = (message: string, hint?: string) =>
  new CommandError(message, { code: 'bad_settings', ...(hint === undefined ? {} : { hint }) });

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad(`its ${what} has a % that is not followed by two hexadecimal digits: write %25 for a percent sign`);
  }
}

function parseSqlite(rest: string, base: string): DatabaseTarget {
  if (rest === ':memory:' || rest === '//:memory:' || rest === '///:memory:') {
    return { engine: 'sqlite', filename: ':memory:' };
  }
  if (!rest.startsWith('///')) throw bad('write sqlite:///relative.db, sqlite:////absolute.db or sqlite::memory:');
  const path = rest.slice(3);
  if (path.includes('?')) throw bad('an SQLite URL takes no parameters (write %3F for a question mark in the path)');
  if (path === '') throw bad('it names no file: write sqlite:///relative.db or sqlite:////absolute.db');
  const filename = decode(path, 'path');
  if (filename.includes('\0')) throw bad('its path has a NUL character');
  return { engine: 'sqlite', filename: resolve(base, filename) };
}

function parsePort(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65535) {
    throw bad(
      'its port is no number from 1 to 65535 (characters such as / : @ # in a password must be percent-encoded)',
    );
  }
  return port;
}

function parseParameters(query: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const pair of query.split('&').filter(Boolean)) {
    const at = pair.indexOf('=');
    const name = decode(at === -1 ? pair : pair.slice(0, at), 'parameters');
    if (!(parameters as readonly string[]).includes(name)) {
      throw bad(
        `it has the unknown parameter '${name}': ${didYouMean(name, parameters) ?? `known are ${parameters.join(', ')}`}`,
      );
    }
    found.set(name, at === -1 ? '' : decode(pair.slice(at + 1), `parameter ${name}`));
  }
  return found;
}

function parsePostgres(rest: string, base: string, lookup: Lookup): DatabaseTarget {
  const match = /^\/\/([^/?]*)(?:\/([^?]*))?(?:\?([\s\S]*))?$/.exec(rest);
  if (match === null) throw bad('write postgres://user:password@host:5432/name');
  const [, authority = '', path = '', query = ''] = match;
  const given = parseParameters(query);
  const at = authority.lastIndexOf('@');
  const [user, ...password] = at === -1 ? [] : authority.slice(0, at).split(':');
  const place = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(authority.slice(at + 1));
  if (place === null) throw bad('write postgres://user:password@host:5432/name');
  const host = decode(place[1] ?? '', 'host').replace(/^\[(.*)\]$/, '$1');
  if (host.includes(',')) throw bad('it names several hosts, and only one can be used');
  const orUndefined = (text: string | undefined) => (text === undefined || text === '' ? undefined : text);
  return {
    engine: 'postgres',
    host: orUndefined(given.get('host')) ?? orUndefined(host),
    port: parsePort(given.get('port')) ?? parsePort(place[2]),
    user: orUndefined(given.get('user')) ?? orUndefined(user === undefined ? undefined : decode(user, 'user')),
    password:
      orUndefined(given.get('password')) ??
      (password.length === 0 ? undefined : orUndefined(decode(password.join(':'), 'password'))),
    database: orUndefined(given.get('dbname')) ?? orUndefined(decode(path, 'database name')),
    schema: orUndefined(given.get('schema')),
    ...parseTls(given, base, lookup),
  };
}

/** As in libpq, whose default with `system` is verify-full. */
function parseTls(given: ReadonlyMap<string, string>, base: string, lookup: Lookup) {
  const mode = lookup('PGSSLMODE');
  const certificate = lookup('PGSSLROOTCERT');
  const absolute = (folder: string, file: string) => (file === 'system' ? file : resolve(folder, file));
  const written = given.get('sslrootcert');
  const sslRootCert =
    written === undefined
      ? certificate?.value && absolute(certificate.base, certificate.value)
      : written && absolute(base, written);
  const sslMode = given.get('sslmode') ?? (mode?.value || (sslRootCert === 'system' ? 'verify-full' : 'prefer'));
  const known = sslModes.find((mode) => mode === sslMode);
  if (known !== undefined) return { sslMode: known, sslRootCert: sslRootCert || undefined };
  const choices = `known are ${sslModes.join(', ')}`;
  if (given.has('sslmode')) throw bad(`its sslmode is '${sslMode}': ${choices}`);
  throw new CommandError(`PGSSLMODE in ${mode?.where} is '${sslMode}': ${choices}.`, { code: wrongEnvironment });
}

/** Code of the error that is about a variable of the environment, in a sentence of its own. */
export const wrongEnvironment = 'bad_environment';

/**
 * Reads a database URL, written as dj-database-url takes it. Relative paths are relative to `base`. As in libpq, the
 * variables PGSSLMODE and PGSSLROOTCERT, as `lookup` finds them, stand in for parameters that it does not have.
 *
 * @throws CommandError whose message says what is wrong, to stand after "The URL of …:", but for the code
 * {@link wrongEnvironment}. It never repeats the URL, which may hold a password.
 */
export function parseDatabaseUrl(url: string, base: string, lookup: Lookup): DatabaseTarget {
  const text = url.trim();
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):([\s\S]*)$/.exec(text);
  const scheme = match?.[1]?.toLowerCase();
  const rest = match?.[2] ?? '';
  if (scheme === 'sqlite') return parseSqlite(rest, base);
  if (scheme === 'postgres' || scheme === 'postgresql') return parsePostgres(rest, base, lookup);
  throw bad(
    `it begins with ${scheme === undefined ? 'no scheme' : `'${scheme}:'`}: sqlite:///file.db and postgres://host/name are known`,
  );
}
