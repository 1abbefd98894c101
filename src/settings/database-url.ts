import { allEngines, type DatabaseTarget } from '../db/engines/engines.js';
import { badUrl } from '../db/engines/url-parts.js';
import type { Environment } from './environment.js';

/**
 * Reads a database URL, written as dj-database-url takes it. Relative paths are relative to `base`. As with the engines'
 * own clients, variables of the environment, as `lookup` finds them, stand in for parameters that it does not have.
 *
 * @throws CommandError whose message says what is wrong, to stand after "The URL of …:", but for the code
 * `bad_environment`. It never repeats the URL, which may hold a password.
 */
export function parseDatabaseUrl(url: string, base: string, lookup: Environment['lookup']): DatabaseTarget {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):([\s\S]*)$/.exec(url.trim());
  const scheme = match?.[1]?.toLowerCase();
  const engine = allEngines.find(({ schemes }) => scheme !== undefined && schemes.includes(scheme));
  if (engine !== undefined) return engine.parseUrl(match?.[2] ?? '', { base, lookup });
  const known = allEngines.map(({ exampleUrl }) => exampleUrl);
  throw badUrl(
    `it begins with ${scheme === undefined ? 'no scheme' : `'${scheme}:'`}: ${known.slice(0, -1).join(', ')} and ${known.at(-1)} are known`,
  );
}
