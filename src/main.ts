import { type CommandSources, describeCommands, discover, type FoundCommand, loadCommand } from './cli/discover.js';
import { report } from './cli/report.js';
import { globalOptions, spellingsOf } from './cli/spellings.js';
import { tokenize, unrecognized } from './cli/tokens.js';
import type { CommandList, CommandUsage, Context, Host, Result } from './command.js';
import type { Connection } from './db/connection.js';
import { CommandError, OperationCancelled, UsageError } from './errors.js';
import type { Registry } from './registry/types.js';
import { loadProject, type Project } from './settings/project.js';
import type { ParsedSettings } from './settings.js';
import { didYouMean } from './suggestion.js';
import { createTerminal, OutputClosed, type OwnedTerminal } from './ui/terminal.js';

/** How long a command may take to stop after Ctrl-C or SIGTERM before its connections are closed, in milliseconds. */
const graceMs = 2000;

interface Declared {
  readonly settings: ParsedSettings;
  readonly registry: Registry;
}

/** Everything that one run opens; ended by `close`. */
interface Run {
  readonly host: Host;
  readonly signal: AbortSignal;
  terminal: OwnedTerminal;
  traceback: boolean;
  usage?: { program: string; line: string | undefined };
  readonly connections: Map<string, Promise<Connection>>;
}

/** The command's name and the words without it: global options may stand before it. */
function splitLine(argv: readonly string[]): { readonly name: string | undefined; readonly words: readonly string[] } {
  const before = spellingsOf({}, {}, { database: { type: 'string', describe: '' }, ...globalOptions });
  const { rest, unknown } = tokenize(argv, before, { stopAtWord: true });
  if (unknown.length > 0) throw unrecognized(unknown, before);
  return { name: argv[rest], words: [...argv.slice(0, rest), ...argv.slice(rest + 1)] };
}

/** Global options as far as they can be told before the command is known: for `--config` and for reporting errors. */
function earlyGlobals(argv: readonly string[]) {
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  const has = (name: string) => words.includes(`--${name}`);
  const at = words.findLastIndex((word) => word === '--config' || word.startsWith('--config='));
  const config = words[at]?.includes('=') ? words[at]?.slice('--config='.length) : words[at + 1];
  return {
    json: has('json'),
    noColor: has('no-color'),
    forceColor: has('force-color'),
    traceback: has('traceback'),
    config: at === -1 ? undefined : config,
    verbosity: 1 as const,
  };
}

const sourcesOf = (project: Project): CommandSources => ({
  packages: project.packages,
  root: project.configFile === undefined ? undefined : project.root,
});

function findCommand(name: string, found: ReadonlyMap<string, FoundCommand>, project: Project): FoundCommand {
  const command = found.get(name);
  if (command !== undefined) return command;
  const suggestion = didYouMean(name, found.keys());
  const problem = project.problems[0];
  throw new UsageError(`Unknown command: '${name}'.${suggestion === undefined ? '' : ` ${suggestion}`}`, {
    code: 'unknown_command',
    hint: `${problem === undefined ? '' : `${problem}\n`}Type 'manage help' for usage.`,
  });
}

async function execute(argv: readonly string[], run: Run): Promise<Result> {
  const early = earlyGlobals(argv);
  const { name: given, words } = splitLine(argv);
  const name = given ?? (words.includes('--version') ? 'version' : 'help');
  const project = await loadProject(run.host, early.config);
  const found = discover(sourcesOf(project));
  const info = findCommand(name, found, project);
  const command = await loadCommand(info);
  run.usage = { program: `manage ${name}`, line: undefined };

  let declared: Promise<Declared> | undefined;
  const declare = () => {
    declared ??= import('./settings/parse.js').then(({ parseSettings }) => parseSettings(project));
    return declared;
  };
  const loaded = command.settings === false ? undefined : await declare();

  const [{ parse }, { usageLine }] = await Promise.all([import('./cli/parse.js'), import('./cli/help.js')]);
  run.usage.line = usageLine(name, command);
  const modelOptions = loaded === undefined ? {} : (command.modelOptions?.(loaded.registry) ?? {});
  const databases = Object.keys(loaded?.settings.databases ?? {});
  const { globals, args } = await parse(words, command, { modelOptions, databases });
  run.usage.line = undefined;
  await run.terminal.close();
  run.traceback = globals.traceback;
  run.terminal = createTerminal(run.host, { ...globals, signal: run.signal });
  const { terminal } = run;

  if (info.replaces !== undefined) {
    terminal.note(`The command '${name}' of ${info.source} replaces the one of ${info.replaces}.`, 2);
  }
  const context: Context = {
    get settings() {
      if (loaded === undefined) throw new CommandError('This command has no settings.');
      return loaded.settings;
    },
    get registry() {
      if (loaded === undefined) throw new CommandError('This command has no registry.');
      return loaded.registry;
    },
    terminal,
    env: project.environment.values,
    cwd: () => run.host.cwd(),
    stdin: run.host.stdin,
    now: run.host.now ?? (() => new Date()),
    signal: run.signal,
    connect: (alias = 'default', options = {}) => {
      const open = run.connections.get(alias);
      if (open !== undefined) return open;
      const opening = declare().then((it) => openConnection(it, alias, options.create ?? false));
      run.connections.set(alias, opening);
      return opening;
    },
    commands: () => listCommands(found, project),
    usage: (other) => usageOf(other, found, project, declare, terminal.columns),
  };
  if (globals.help) return show(terminal, await context.usage(name));
  return command.run(context, args);
}

async function show(terminal: OwnedTerminal, usage: CommandUsage): Promise<Result> {
  await terminal.write(`${usage.text}\n`);
  return { json: usage.json };
}

async function openConnection({ settings, registry }: Declared, alias: string, create: boolean): Promise<Connection> {
  const database = Object.hasOwn(settings.databases, alias) ? settings.databases[alias] : undefined;
  if (database === undefined) {
    throw new UsageError(`There is no database '${alias}' in the settings.`, {
      code: 'unknown_database',
      hint: `Known are ${Object.keys(settings.databases).join(', ')}.`,
    });
  }
  const { connect } = await import('./db/connect.js');
  const { sqliteDriver: driver, useTz, timeZone } = settings;
  return connect(database, registry, { create, driver, useTz, timeZone });
}

async function listCommands(found: ReadonlyMap<string, FoundCommand>, project: Project): Promise<CommandList> {
  const described = await describeCommands([...found.values()]);
  const commands = [...found.values()].map(({ name, source, file }) => ({
    name,
    source,
    file,
    describe: described.get(name) ?? '',
  }));
  const order = ['manage-auth', ...project.packages.map(({ name }) => name), 'project'];
  commands.sort((a, b) => order.indexOf(a.source) - order.indexOf(b.source) || (a.name < b.name ? -1 : 1));
  return { commands, problem: project.problems[0] };
}

async function usageOf(
  name: string,
  found: ReadonlyMap<string, FoundCommand>,
  project: Project,
  declare: () => Promise<Declared>,
  columns: number,
): Promise<CommandUsage> {
  const command = await loadCommand(findCommand(name, found, project));
  const { commandUsage } = await import('./cli/help.js');
  const declared = await declare().catch(() => undefined);
  const modelOptions = declared === undefined ? {} : (command.modelOptions?.(declared.registry) ?? {});
  return commandUsage(name, command, {
    modelOptions,
    databases: Object.keys(declared?.settings.databases ?? {}),
    columns,
  });
}

/** Runs one command line and resolves with the status that the process ends with. Never throws, never exits. */
export async function main(argv: readonly string[], host: Host): Promise<number> {
  const interruption = listen(host);
  const early = earlyGlobals(argv);
  const run: Run = {
    host,
    signal: interruption.signal,
    terminal: createTerminal(host, { ...early, signal: interruption.signal }),
    traceback: early.traceback,
    connections: new Map(),
  };
  let exitCode: number;
  try {
    const result = await Promise.race([execute(argv, run), interruption.overdue]);
    if (interruption.signal.aborted) throw new OperationCancelled();
    if (run.terminal.json) host.stdout.write(`${JSON.stringify(result?.json ?? null)}\n`);
    exitCode = result?.exitCode ?? 0;
  } catch (error) {
    run.terminal.settle();
    exitCode = error instanceof OutputClosed ? 0 : await reportError(error, run, early.json, interruption);
  } finally {
    await closeAll(run);
    interruption.stop();
    await run.terminal.close();
  }
  return exitCode;
}

async function reportError(
  error: unknown,
  run: Run,
  json: boolean,
  interruption: ReturnType<typeof listen>,
): Promise<number> {
  let shown = interruption.signal.aborted ? new OperationCancelled() : error;
  if (!(shown instanceof CommandError)) {
    for (const opening of run.connections.values()) {
      const connection = await opening.catch(() => undefined);
      shown = connection?.dialect.explain(shown) ?? shown;
    }
  }
  const exitCode = report(shown, {
    json: json || run.terminal.json,
    traceback: run.traceback,
    style: run.terminal.errStyle,
    ...(run.usage === undefined ? {} : { usage: run.usage }),
    write: (line) => void run.host.stderr.write(`${line}\n`),
  });
  return interruption.status() ?? exitCode;
}

async function closeAll(run: Run): Promise<void> {
  await Promise.all(
    [...run.connections.values()].map(async (opening) => {
      const connection = await opening.catch(() => undefined);
      await connection?.close();
    }),
  );
}

/** Ctrl-C and SIGTERM of the host, until `stop`. */
function listen(host: Host) {
  const controller = new AbortController();
  let name: 'SIGINT' | 'SIGTERM' | undefined;
  let timer: NodeJS.Timeout | undefined;
  let giveUp: () => void = () => {};
  const overdue = new Promise<never>((_, reject) => {
    giveUp = () => reject(new OperationCancelled());
  });
  overdue.catch(() => {});
  const receive = (signal: 'SIGINT' | 'SIGTERM') => () => {
    if (name !== undefined) giveUp();
    name = signal;
    timer ??= setTimeout(giveUp, graceMs);
    controller.abort();
  };
  const listeners = { SIGINT: receive('SIGINT'), SIGTERM: receive('SIGTERM') };
  for (const [event, listener] of Object.entries(listeners)) host.on?.(event, listener);
  return {
    signal: controller.signal,
    /** Rejects when the command had its time to stop. */
    overdue,
    status: () => (name === undefined ? undefined : name === 'SIGINT' ? 130 : 143),
    stop() {
      clearTimeout(timer);
      for (const [event, listener] of Object.entries(listeners)) host.off?.(event, listener);
    },
  };
}
