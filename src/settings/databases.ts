import { engineOf } from '../db/engines/engines.js';
import { wrongEnvironment } from '../db/engines/url-parts.js';
import { CommandError } from '../errors.js';
import { asSentence } from '../text.js';
import { parseDatabaseUrl } from './database-url.js';
import type { Environment } from './environment.js';
import type { ParsedDatabase } from './settings.js';
import { isRecord, type Problems, readers } from './values.js';

const variable = 'DATABASE_URL';

/** `DATABASE_URL` is of `default`, `DATABASE_URL_<ALIAS>` of an alias in any case of letters. */
function aliasesOfEnvironment(environment: Environment, configured: readonly string[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const name of Object.keys(environment.values)) {
    if (!name.startsWith(`${variable}_`) || name.length === variable.length + 1) continue;
    const alias = name.slice(variable.length + 1).toLowerCase();
    names.set(configured.find((known) => known.toLowerCase().replaceAll('-', '_') === alias) ?? alias, name);
  }
  if (environment.values[variable] !== undefined) names.set('default', variable);
  return names;
}

/** The databases by alias; what is wrong with one is a problem, and names the alias and never the URL. */
export function parseDatabases(
  config: Record<string, unknown>,
  environment: Environment,
  root: string,
  problems: Problems,
): Readonly<Record<string, ParsedDatabase>> {
  const configured = Object.keys(config).filter((alias) => config[alias] !== undefined);
  const variables = aliasesOfEnvironment(environment, configured);
  const databases: Record<string, ParsedDatabase> = Object.create(null);
  for (const alias of new Set(['default', ...configured, ...variables.keys()])) {
    if (!/^[A-Za-z][\w-]*$/.test(alias)) {
      problems.push(
        `\`databases\` has the alias '${alias}': one begins with a letter, and has letters, digits, _ and -.`,
      );
      continue;
    }
    const entry = Object.hasOwn(config, alias) ? config[alias] : undefined;
    if (entry !== undefined && !isRecord(entry)) {
      problems.push(`\`databases.${alias}\` must be an object with a \`url\`.`);
      continue;
    }
    const database = parseDatabase(alias, entry, variables.get(alias), { environment, root, problems });
    if (database !== undefined) databases[alias] = database;
  }
  return databases;
}

interface DatabasePlace {
  readonly environment: Environment;
  readonly root: string;
  readonly problems: Problems;
}

/** One database; `name` is the variable that says its URL. Undefined where something is wrong with it. */
function parseDatabase(
  alias: string,
  entry: Record<string, unknown> | undefined,
  name: string | undefined,
  { environment, root, problems }: DatabasePlace,
): ParsedDatabase | undefined {
  const read = readers(entry ?? {}, problems, `databases.${alias}.`);
  read.known(['url', 'protected']);
  const isProtected = read.flag('protected') ?? false;
  const written = read.text('url');
  const found = name === undefined ? undefined : environment.lookup(name);
  const source =
    found !== undefined
      ? { url: found.value, base: found.base, where: `${name} in ${found.where}` }
      : { url: written, base: root, where: `\`databases.${alias}.url\`` };
  const url = source.url ?? (alias === 'default' ? 'sqlite:///db.sqlite3' : undefined);
  if (url === undefined) {
    if (entry === undefined || !Object.hasOwn(entry, 'url')) problems.push(`\`databases.${alias}\` has no \`url\`.`);
    return undefined;
  }
  if (url.trim() === '') {
    problems.push(`${source.where} is empty: give it a value, or remove it.`);
    return undefined;
  }
  try {
    return { alias, target: parseDatabaseUrl(url, source.base, environment.lookup), protected: isProtected };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const isElsewhere = error.code === wrongEnvironment;
    const quotes = name !== undefined && environment.quoted.includes(name) ? ' Remove the quotes around it.' : '';
    const problem = isElsewhere
      ? error.message
      : `${source.where} is not a database URL: ${asSentence(error.message)}${quotes}`;
    if (!problems.includes(problem)) problems.push(problem);
    return undefined;
  }
}

/**
 * How long the names of tables may be in a database, if it limits them. Names that are made from those of models are cut
 * for the default one, as Django cuts them, and are the same in all.
 */
export function maxNameLengthOf(database: ParsedDatabase | undefined): number | undefined {
  return database === undefined ? undefined : engineOf(database.target).maxNameLength;
}
