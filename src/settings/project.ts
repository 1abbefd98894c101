import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CommandError } from '../errors.js';
import { loadModule } from '../modules/load.js';
import { fileReason } from '../text.js';
import { type Environment, loadEnvironment } from './environment.js';
import type { SettingsPackage } from './settings.js';
import { isRecord } from './values.js';

/** The names that a config file may have. */
export const configNames = ['ts', 'mts', 'js', 'mjs', 'json'].map((extension) => `manage.config.${extension}`);

/** What is known of a project before its settings are parsed. */
export interface Project {
  /** Folder of the config file, or the working directory. */
  readonly root: string;
  readonly configFile: string | undefined;
  readonly environment: Environment;
  /** What the config file exports, a function already called; `{}` without one. */
  readonly config: unknown;
  readonly packages: readonly SettingsPackage[];
  /** What is wrong so far, as sentences. */
  readonly problems: readonly string[];
  /** What the config file threw. */
  readonly cause?: unknown;
}

/** The nearest config file from `cwd` upwards, as far as the first folder with a package.json or a .git. */
function findConfig(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const found = configNames.filter((name) => existsSync(join(folder, name)));
    if (found.length > 1) {
      throw new CommandError(`${folder} has several config files: ${found.join(', ')}.`, {
        code: 'bad_settings',
        hint: 'Keep one of them, or name one with --config.',
      });
    }
    if (found[0] !== undefined) return join(folder, found[0]);
    if (existsSync(join(folder, 'package.json')) || existsSync(join(folder, '.git'))) return undefined;
    if (dirname(folder) === folder) return undefined;
  }
}

/** The file that `--config` names. */
function namedConfig(cwd: string, option: string): string {
  const fail = (message: string) =>
    new CommandError(message, { code: 'bad_settings', hint: 'Give the path of a config file with --config.' });
  const file = resolve(cwd, option);
  if (option === '') throw fail('--config is empty.');
  const found = foundAt(file, (reason) => fail(`The config file ${file} cannot be read: ${reason}.`));
  if (found === undefined) throw fail(`The config file ${file} does not exist.`);
  if (found.isDirectory()) throw fail(`The config file ${file} is a folder.`);
  return file;
}

function foundAt(file: string, fail: (reason: string) => CommandError) {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (cause) {
    throw fail(fileReason(cause));
  }
}

/** The working directory. @throws CommandError where somebody has removed it. */
export function workingFolder(host: { cwd(): string }): string {
  try {
    return host.cwd();
  } catch (cause) {
    throw new CommandError('The working directory does not exist any more.', {
      code: 'missing_folder',
      hint: 'Change to an existing folder.',
      cause,
    });
  }
}

function findPackage(name: string, root: string): SettingsPackage {
  const fail = (message: string, hint: string) => new CommandError(message, { code: 'bad_settings', hint });
  if (!/^(@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/i.test(name)) {
    throw fail(`\`packages\` names '${name}', which is not a package name.`, '');
  }
  let folder = root;
  while (!existsSync(join(folder, 'node_modules', name, 'package.json'))) {
    if (dirname(folder) === folder) {
      throw fail(`\`packages\` names '${name}', which is not installed.`, `Run \`npm install ${name}\`.`);
    }
    folder = dirname(folder);
  }
  const home = join(folder, 'node_modules', name);
  const manifest: unknown = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  const places = isRecord(manifest) && isRecord(manifest.manage) ? manifest.manage : {};
  const place = (key: string, fallback: string | undefined) => {
    const path = places[key] ?? (fallback !== undefined && existsSync(join(home, fallback)) ? fallback : undefined);
    return typeof path === 'string' ? resolve(home, path) : undefined;
  };
  return {
    name,
    root: home,
    commands: place('commands', 'commands'),
    migrations: place('migrations', 'migrations'),
    apps: place('apps', undefined),
  };
}

/**
 * Finds and reads the project that `cwd` is in. What is wrong with it is in `problems`, so that `help` can show the rest.
 *
 * @throws CommandError where there is no working directory.
 */
export async function loadProject(
  host: { readonly env: Readonly<Record<string, string | undefined>>; cwd(): string },
  configOption: string | undefined,
): Promise<Project> {
  const cwd = workingFolder(host);
  const problems: string[] = [];
  let cause: unknown;
  let configFile: string | undefined;
  try {
    configFile = configOption === undefined ? findConfig(cwd) : namedConfig(cwd, configOption);
  } catch (error) {
    problems.push(sentence(error));
  }
  const root = configFile === undefined ? cwd : dirname(configFile);
  const environment = await loadEnvironment(host.env, root, cwd, problems);
  let config: unknown = {};
  let names: readonly unknown[] = [];
  if (configFile !== undefined) {
    try {
      const exported = await loadModule(configFile);
      config = typeof exported === 'function' ? await exported(environment.values) : exported;
      if (isRecord(config) && Array.isArray(config.packages)) names = config.packages;
    } catch (error) {
      cause = error;
      problems.push(`The config file ${configFile} cannot be loaded: ${firstLine(error)}`);
    }
  }
  const packages: SettingsPackage[] = [];
  for (const name of new Set(names.filter((name) => typeof name === 'string'))) {
    try {
      packages.push(findPackage(name, root));
    } catch (error) {
      problems.push(sentence(error));
    }
  }
  return { root, configFile, environment, config, packages, problems, ...(cause === undefined ? {} : { cause }) };
}

/** The first line of what an error says. */
export const firstLine = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';

/** An error's message with its hint. */
export function sentence(error: unknown): string {
  const hint = error instanceof CommandError && error.hint ? ` ${error.hint}` : '';
  return firstLine(error) + hint;
}
