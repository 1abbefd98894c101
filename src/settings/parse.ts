import { resolve } from 'node:path';
import type { CredentialApp } from '../apps/define.js';
import { CommandError } from '../errors.js';
import { loadModule } from '../modules/load.js';
import { coreApps } from '../registry/core.js';
import { createRegistry } from '../registry/define.js';
import type { AppDefinition, Registry } from '../registry/types.js';
import { maxNameLengthOf, parseDatabases } from './databases.js';
import type { Environment } from './environment.js';
import { parseOverrides } from './overrides.js';
import { firstLine, type Project, sentence } from './project.js';
import { parseRequests, requestKeys } from './requests.js';
import type { ParsedSettings } from './settings.js';
import { parseTokens } from './tokens.js';
import { isRecord, type Problems, parseHashers, parseIterations, parseValidators, readers } from './values.js';

const keys = [
  'databases',
  'secretKey',
  'secretKeyFallbacks',
  'useTz',
  'timeZone',
  'userModel',
  'apps',
  'overrides',
  'packages',
  'passwordValidators',
  'passwordHashers',
  'passwordIterations',
  'fixtureDirs',
  'audit',
  'tokens',
  ...requestKeys,
];

const isApp = (value: unknown): value is AppDefinition =>
  isRecord(value) && typeof value.label === 'string' && value.label !== '' && isRecord(value.models);

const isCredentialApp = (value: unknown): value is CredentialApp =>
  isRecord(value) && isApp(value.app) && typeof value.package === 'string';

/** What is declared in one place: apps, some of which say which credentials they hold. */
type DeclaredApp = AppDefinition | CredentialApp;

function parseApps(value: unknown, where: string, problems: Problems): DeclaredApp[] {
  if (value === undefined) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((each): each is DeclaredApp => isApp(each) || isCredentialApp(each))) {
    problems.push(
      `${where} must be an array of apps, each with a \`label\` and \`models\`: declare them with defineApp or defineCredentials.`,
    );
    return [];
  }
  return list;
}

async function packageApps(project: Project, problems: Problems): Promise<DeclaredApp[]> {
  const apps: DeclaredApp[] = [];
  for (const { name, apps: file } of project.packages) {
    if (file === undefined) continue;
    try {
      apps.push(...parseApps(await loadModule(file), `What the package ${name} exports as its apps`, problems));
    } catch (error) {
      problems.push(`The apps of the package ${name} cannot be loaded from ${file}: ${sentence(error)}`);
    }
  }
  return apps;
}

function isTimeZone(name: string): boolean {
  // The first use of Intl takes 10 ms and more.
  if (name === 'UTC') return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}

/** Settings, and the registry that they declare. */
export interface Declared {
  readonly settings: ParsedSettings;
  readonly registry: Registry;
}

/**
 * Settings after precedence, defaults and validation, with the registry that they declare.
 *
 * @throws CommandError that lists every problem.
 */
export async function parseSettings(project: Project): Promise<Declared> {
  try {
    return await parse(project);
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    // A config file may say what it likes in its getters.
    throw new CommandError(
      `The settings of ${project.configFile ?? project.root} cannot be read: ${firstLine(cause)}`,
      {
        code: 'bad_settings',
        hint: 'See with --traceback where that comes from.',
        cause,
      },
    );
  }
}

async function parse(project: Project): Promise<Declared> {
  const { environment, root } = project;
  const problems: Problems = [...project.problems];
  if (project.cause === undefined && !isRecord(project.config)) {
    problems.push(`The config file ${project.configFile} must export an object of settings: use defineConfig.`);
  }
  const config = isRecord(project.config) ? project.config : {};
  const read = readers(config, problems);
  read.known(keys);

  const fromEnvironment = (name: string) => lookUp(environment, name, problems);

  const timeZone = fromEnvironment('TIME_ZONE') ?? read.text('timeZone') ?? 'UTC';
  if (!isTimeZone(timeZone)) problems.push(`\`timeZone\` is '${timeZone}', which is not a known time zone.`);

  const sqliteDriver = parseDriver(environment, problems);

  const introspect = config.apps === 'introspect';
  const declared = [
    ...(await packageApps(project, problems)),
    ...(introspect ? [] : parseApps(config.apps, '`apps`', problems)),
  ];
  const apps = [...coreApps, ...declared.map((each) => (isCredentialApp(each) ? each.app : each))];
  const userModel = read.text('userModel') ?? 'auth.user';
  const databases = parseDatabases(read.record('databases'), environment, root, problems);
  // Which model that is, is found out with the others.
  const registry = registryOf(apps, introspect ? 'auth.user' : userModel, maxNameLengthOf(databases.default), problems);
  read.texts('packages');

  const audit = readers(read.record('audit'), problems, 'audit.');
  audit.known(['actor']);

  const settings: ParsedSettings = {
    root,
    configFile: project.configFile,
    envFiles: environment.files,
    warnings: environment.quoted.map(quotedWarning),
    databases,
    secretKey: fromEnvironment('SECRET_KEY') ?? read.text('secretKey'),
    secretKeyFallbacks: listed(environment, 'SECRET_KEY_FALLBACKS') ?? read.texts('secretKeyFallbacks') ?? [],
    useTz: read.flag('useTz') ?? true,
    timeZone,
    userModel,
    introspect,
    overrides: parseOverrides(read.record('overrides'), problems),
    apps,
    credentialApps: declared.filter(isCredentialApp),
    packages: project.packages,
    passwordValidators: parseValidators(config.passwordValidators, problems),
    passwordHashers: parseHashers(read.texts('passwordHashers'), problems),
    passwordIterations: parseIterations(config.passwordIterations, problems),
    fixtureDirs: (read.texts('fixtureDirs') ?? []).map((folder) => resolve(root, folder)),
    ...parseRequests(config, environment, problems),
    tokens: parseTokens(read.record('tokens'), environment, root, problems),
    audit: { actor: fromEnvironment('MANAGE_ACTOR') ?? audit.text('actor') },
    sqliteDriver,
  };
  if (registry === undefined || problems.length > 0) throw settingsError(problems, project.cause);
  return { settings, registry };
}

const quotedWarning = (name: string) =>
  `${name} in the environment has quotes around its whole value, which are taken for a part of it: ` +
  'Docker\u2019s --env-file keeps them. Remove them there.';

/** A variable of the environment, which must not be empty. */
function lookUp({ lookup }: Environment, name: string, problems: Problems): string | undefined {
  const found = lookup(name);
  if (found?.value.trim() !== '') return found?.value;
  problems.push(`${name} in ${found.where} is empty: give it a value, or remove it.`);
  return undefined;
}

/** A variable with commas between its values. */
function listed({ lookup }: Environment, name: string): string[] | undefined {
  return lookup(name)
    ?.value.split(',')
    .map((text) => text.trim())
    .filter(Boolean);
}

function parseDriver({ lookup }: Environment, problems: Problems): ParsedSettings['sqliteDriver'] {
  const driver = lookup('MANAGE_SQLITE_DRIVER')?.value.trim() || undefined;
  if (driver === undefined || driver === 'sqlite3' || driver === 'node:sqlite') return driver;
  problems.push(`MANAGE_SQLITE_DRIVER is '${driver}': known are sqlite3 and node:sqlite.`);
  return undefined;
}

function registryOf(
  apps: Parameters<typeof createRegistry>[0],
  userModel: string,
  maxNameLength: number | undefined,
  problems: Problems,
): Registry | undefined {
  try {
    return createRegistry(apps, userModel, { maxNameLength });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    problems.push(sentence(error));
    return undefined;
  }
}

function settingsError(problems: Problems, cause: unknown): CommandError {
  const message =
    problems.length === 1
      ? `${problems[0]}`
      : ['The settings are wrong:', ...problems.map((p) => `  - ${p}`)].join('\n');
  return new CommandError(message, { code: 'bad_settings', cause });
}
