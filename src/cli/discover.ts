import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command, CommandInfo, CommandOutline, Context, Result } from '../command.js';
import { CommandError } from '../errors.js';
import { loadModule, moduleFile } from '../modules/load.js';
import { sourceRoot } from '../modules/package-root.js';
import type { SettingsPackage } from '../settings/settings.js';
import { topicOf } from './topics.js';

/** Where the commands of this package itself come from. */
export const builtIn = 'manage-auth';

/** A command that was found by its file, not yet imported. */
export interface FoundCommand {
  readonly name: string;
  readonly source: string;
  readonly file: string;
  /** Source of the command of the same name that this one replaces. */
  readonly replaces?: string;
  /** A second file of that name in the same folder, such as `x.js` beside `x.ts`. */
  readonly twin?: string;
}

const builtInFolder = join(sourceRoot, 'commands');

/** What this package's own commands say about themselves, by their files. The build notes it (scripts/build.js). */
type Notes = Readonly<Record<string, string>>;

let notes: Notes | undefined;

/** Empty where the source runs, which has no notes: the folder and its files are read there. */
function readNotes(): Notes {
  try {
    notes ??= JSON.parse(readFileSync(join(sourceRoot, 'commands.json'), 'utf8')) as Notes;
  } catch {
    notes = {};
  }
  return notes;
}

/**
 * What the build has noted about what may follow one of this package's own commands; undefined where that depends on the settings,
 * and where the source runs.
 */
export function notedOutline({ name, source }: FoundCommand): CommandOutline | undefined {
  if (source !== builtIn) return undefined;
  try {
    return JSON.parse(readFileSync(join(sourceRoot, 'outlines', `${name}.json`), 'utf8')) as CommandOutline;
  } catch {
    return undefined;
  }
}

function ownFiles(): string[] {
  const noted = Object.keys(readNotes());
  return noted.length > 0 ? noted : filesOf(builtInFolder);
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder).filter((file) => moduleFile.test(file) && !/^[_.]/.test(file));
  } catch {
    return [];
  }
}

/** What a project adds: its packages, and its own folder `commands` where it has a config file. */
export interface CommandSources {
  readonly packages: readonly SettingsPackage[];
  /** Folder of the config file; undefined without one. */
  readonly root: string | undefined;
}

/**
 * Every command by name. Later sources replace earlier ones: this package, the packages in their order, the project. Only
 * folders are read.
 */
export function discover({ packages, root }: CommandSources): Map<string, FoundCommand> {
  const found = new Map<string, FoundCommand>();
  const add = (source: string, folder: string, files: readonly string[]) => {
    for (const file of files) {
      const name = file.replace(moduleFile, '');
      const known = found.get(name);
      const path = `${folder}${sep}${file}`;
      if (known?.source === source) found.set(name, { ...known, twin: path });
      else found.set(name, { name, source, file: path, ...(known === undefined ? {} : { replaces: known.source }) });
    }
  };
  const addFolder = (source: string, folder: string) => add(source, folder, filesOf(folder));
  add(builtIn, builtInFolder, ownFiles());
  for (const { name, commands } of packages) if (commands !== undefined) addFolder(name, commands);
  if (root !== undefined) addFolder('project', join(root, 'commands'));
  return found;
}

/** A command whose arguments are only known to itself. */
export type LoadedCommand = Omit<Command, 'run'> & {
  run(context: Context, args: Readonly<Record<string, unknown>>): Promise<Result>;
};

const isCommand = (value: unknown): value is LoadedCommand =>
  typeof value === 'object' &&
  value !== null &&
  'describe' in value &&
  typeof value.describe === 'string' &&
  'run' in value &&
  typeof value.run === 'function';

/** One of this package's own modules: shared with all that has imported it, also where tests run the TypeScript. */
async function importOwn(file: string): Promise<unknown> {
  const module: { default?: unknown } = await import(pathToFileURL(file).href);
  return module.default;
}

/**
 * Imports one command.
 *
 * @throws CommandError that names the file, where it does not load, exports no command, or is one of two.
 */
export async function loadCommand({ name, source, file, twin }: FoundCommand): Promise<LoadedCommand> {
  if (twin !== undefined) {
    throw new CommandError(`The command '${name}' is there twice: ${file} and ${twin}.`, {
      code: 'bad_command',
      hint: 'Remove one of the two files.',
    });
  }
  let command: unknown;
  try {
    command = await (source === builtIn ? importOwn(file) : loadModule(file));
  } catch (error) {
    if (source === builtIn) throw error;
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    throw new CommandError(`The command '${name}' cannot be loaded from ${file}: ${reason}`, {
      code: 'bad_command',
      hint: 'Fix the file; --traceback shows where it fails.',
      cause: error,
    });
  }
  if (isCommand(command)) return command;
  throw new CommandError(`The file ${file} exports no command.`, {
    code: 'bad_command',
    hint: 'Write `export default defineCommand({ describe, run })`, or start the file name with _ if it is not a command.',
  });
}

/**
 * The commands with the first line of what each says about itself, read from the text of its file: importing them all
 * would take `help` ten times as long, and a project's broken command does not break it.
 */
export function describeCommands(commands: readonly FoundCommand[]): CommandInfo[] {
  return commands.map(({ name, source, file }) => ({
    name,
    source,
    topic: source === builtIn ? topicOf(name) : source,
    file,
    describe: (source === builtIn ? readNotes()[basename(file)] : undefined) ?? describeFile(file),
  }));
}

/** Nothing for what cannot be read, such as a folder: `help` lists it, and running it says what is wrong. */
function describeFile(file: string): string {
  try {
    return describeInText(readFileSync(file, 'utf8'));
  } catch {
    return '';
  }
}

/** The first line of the literal behind the last `defineCommand({ … describe:`, or nothing. */
export function describeInText(text: string): string {
  const matches = [...text.matchAll(/\bdefineCommand\(\{[^{}]*?\bdescribe:\s*(['"`])((?:(?!\1)[^\\]|\\.)*)\1/gs)];
  const literal = matches.at(-1)?.[2] ?? '';
  return literal.replace(/(?:\\n|\n)[\s\S]*/, '').replace(/\\(.)/g, '$1');
}
