import { type Catalogue, openCatalogue } from '../cli/catalogue.js';
import { builtIn, type FoundCommand, type LoadedCommand, loadCommand } from '../cli/discover.js';
import { asksForHelp, earlyOptions, isWords, type Line, wordsOf } from '../cli/line.js';
import { type GlobalArguments, parse, usageLine } from '../cli/parse.js';
import type { Context, Host, Result } from '../command.js';
import type { Connection } from '../db/connect/connection.js';
import { CommandError } from '../errors.js';
import { publicApi } from '../modules/load.js';
import type { Registry } from '../registry/types.js';
import type { Declared } from '../settings/parse.js';
import { loadProject, type Project, workingFolder } from '../settings/project.js';
import type { ParsedSettings } from '../settings/settings.js';
import { createTerminal, type OwnedTerminal } from '../ui/terminal.js';
import { openConnection, withFoundModels, withMissingTableHint, withThirdParty } from './project.js';

/** One run of a command, and what it has opened. */
export interface Run {
  readonly host: Host;
  readonly signal: AbortSignal;
  readonly ignoringInterrupts: Context['ignoringInterrupts'];
  readonly connections: Map<string, Promise<Connection>>;
  /** The database that was asked for last, whether it could be opened or not. */
  alias?: string;
  readonly onCommit: (step: 'sent' | 'failed' | 'done') => void;
  readonly onOutage: (sentence: string) => void;
  terminal: OwnedTerminal;
  /** Whether the command has ended: what it left behind opens nothing any more, which would keep the process. */
  ended?: true;
  /** How far the last commit of all that the command does, or of one step of it, has come. */
  commit?: 'sent' | 'failed' | 'done';
  traceback: boolean;
  /** Whether the models are taken from the database. */
  introspects?: boolean;
  /** `manage flush`, once that is known. */
  program?: string;
  /** How the command is used, while its command line is parsed. */
  usage?: string | undefined;
}

const undeclared = () => new CommandError('This command declares that it needs no settings.');

type OpenOptions = Pick<NonNullable<Parameters<Context['connect']>[1]>, 'create' | 'lockTimeoutMs'>;

/** What is known of a run before its command line is parsed. */
interface Started {
  readonly name: string;
  readonly project: Project;
  readonly catalogue: Catalogue;
  readonly info: FoundCommand;
  readonly command: LoadedCommand;
  /** The settings, parsed once, when somebody first asks for them. */
  readonly declare: () => Promise<Declared>;
  /** The settings; undefined for a command that needs none. */
  readonly declared: Declared | undefined;
}

async function start({ name: given, words, config }: Line, run: Run): Promise<Started> {
  const name = given ?? 'help';
  const project = await loadProject(run.host, config);
  let declaring: Promise<Declared> | undefined;
  const declare = () => {
    declaring ??= import('../settings/parse.js').then(({ parseSettings }) => parseSettings(project));
    return declaring;
  };
  const catalogue = openCatalogue(project, declare);
  const info = await catalogue.find(name);
  run.program = `manage ${name}`;
  const command = await loadCommand(info);
  const needsSettings = command.settings !== false && !(isWords(words) && asksForHelp(words, command));
  const declared = needsSettings ? await declare() : undefined;
  return { name, project, catalogue, info, command, declare, declared };
}

/** Opens a database once, however often it is asked for, until it is closed. */
function open({ declare }: Started, run: Run, alias: string, options: OpenOptions = {}): Promise<Connection> {
  if (run.ended) return Promise.reject(new CommandError('The command has ended.'));
  run.alias = alias;
  const { create = false, lockTimeoutMs } = options;
  const waiting = lockTimeoutMs === undefined ? {} : { lockTimeoutMs };
  const opening =
    run.connections.get(alias) ??
    declare().then((known) => openConnection(known, alias, { create, signal: run.signal, run, ...waiting }));
  run.connections.set(alias, opening);
  opening.catch(() => void run.connections.delete(alias));
  return opening;
}

/** The registry whose models name options: that of the database where its models are asked for and can be found. */
async function registryFor(started: Started, run: Run, words: Line['words']): Promise<Registry | undefined> {
  const { command, declared } = started;
  if (declared === undefined) return undefined;
  const early = isWords(words)
    ? earlyOptions(words)
    : { introspect: words.introspect === true, database: words.database };
  const introspects = early.introspect || declared.settings.introspect;
  if (!introspects || command.modelOptions === undefined) return declared.registry;
  const alias = typeof early.database === 'string' ? early.database : 'default';
  // Where there is none yet, the command says so.
  const found = await open(started, run, alias)
    .then((connection) => withFoundModels(connection, declared.settings))
    .catch(() => undefined);
  return found?.registry ?? declared.registry;
}

/** Makes the terminal that the options ask for, and says on it what is odd about how the command was called. */
function openTerminal({ name, info, declared }: Started, run: Run, globals: GlobalArguments): OwnedTerminal {
  const terminal = createTerminal(run.host, { ...globals, signal: run.signal });
  run.terminal.release();
  run.terminal = terminal;
  // Code of a project may write to the streams of its process.
  if (info.source !== builtIn) terminal.share();
  if (globals.noColor && globals.forceColor) {
    throw new CommandError("The --no-color and --force-color options can't be used together.", {
      hint: 'Leave one of them out.',
    });
  }
  for (const warning of declared?.settings.warnings ?? []) terminal.warn(warning);
  if (globals.ignored.length > 0) {
    const are = globals.ignored.length === 1 ? 'is' : 'are';
    const instead = globals.ignored.some((name) => name !== '--skip-checks') ? ': --config names a config file' : '';
    terminal.note(`${globals.ignored.join(' and ')} ${are} Django's, and ignored${instead}.`);
  }
  if (info.replaces !== undefined) {
    terminal.note(`The command '${name}' of ${info.source} replaces the one of ${info.replaces}.`, 2);
  }
  return terminal;
}

function createContext(started: Started, run: Run, registry: Registry | undefined, globals: GlobalArguments): Context {
  const { project, catalogue, declared, declare } = started;
  const { host, terminal } = run;
  return {
    get settings() {
      if (declared === undefined) throw undeclared();
      return declared.settings;
    },
    get registry() {
      if (registry === undefined) throw undeclared();
      return registry;
    },
    terminal,
    env: project.environment.values,
    cwd: () => workingFolder(host),
    get stdin() {
      return host.stdin;
    },
    get stdout() {
      terminal.share();
      return host.stdout;
    },
    now: host.now ?? (() => new Date()),
    declare,
    otherSettings: (file) => otherSettings(project, host, file),
    publicApi,
    signal: run.signal,
    ignoringInterrupts: run.ignoringInterrupts,
    async connect(
      alias = 'default',
      { declared: asDeclared = false, thirdParty = false, writes = false, ...options } = {},
    ) {
      const connection = await open(started, run, alias, options);
      if (writes) await connection.dialect.assertWritable(connection.db);
      const { settings } = await declare();
      const finds = !asDeclared && (globals.introspect || settings.introspect);
      const models = finds ? await withFoundModels(connection, settings) : connection;
      return {
        ...(thirdParty ? await withThirdParty(models, settings) : models),
        close() {
          run.connections.delete(alias);
          return connection.close();
        },
      };
    },
    commands: () => catalogue.list(),
    usage: (other) => catalogue.usage(other, terminal.columns),
    outline: (other) => catalogue.outline(other),
  };
}

/** Settings of another file, or of none at all: the defaults. */
async function otherSettings({ root }: Project, host: Host, file: string | undefined): Promise<ParsedSettings> {
  const { parseSettings } = await import('../settings/parse.js');
  const nothing = { files: [], quoted: [], values: {}, lookup: () => undefined };
  const bare = { root, configFile: undefined, environment: nothing, config: {}, packages: [], problems: [] };
  const other = file === undefined ? bare : await loadProject({ env: {}, cwd: () => workingFolder(host) }, file);
  return (await parseSettings(other)).settings;
}

/** Runs one command. */
export async function execute(line: Line, run: Run): Promise<Result> {
  const started = await start(line, run);
  const { name, catalogue, command, declared } = started;
  const registry = await registryFor(started, run, line.words);
  const modelOptions = registry === undefined ? {} : (command.modelOptions?.(registry) ?? {});
  const databases = Object.keys(declared?.settings.databases ?? {});

  run.usage = usageLine(name, command);
  const words = isWords(line.words) ? line.words : wordsOf(line.words, command, modelOptions);
  const { globals, args } = await parse(words, command, { modelOptions, databases });
  run.usage = undefined;
  run.traceback = globals.traceback;
  run.introspects = globals.introspect || declared?.settings.introspect === true;
  const terminal = openTerminal(started, run, globals);
  const context = createContext(started, run, registry, globals);
  if (globals.version) return (await loadCommand(await catalogue.find('version'))).run(context, {});
  if (globals.help && line.name !== undefined) {
    const { text, json } = await context.usage(name);
    await terminal.write(`${text}\n`);
    return { json };
  }
  const result = Promise.resolve(command.run(context, args));
  if (declared === undefined) return result;
  const { settings } = declared;
  return result.catch(async (error: unknown) => {
    // Models that were found have the columns that they have.
    if (run.introspects && !(error instanceof CommandError && error.code === 'missing_table')) throw error;
    throw await withMissingTableHint(error, [...run.connections.values()], settings);
  });
}
