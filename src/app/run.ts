import { openCatalogue } from '../cli/catalogue.js';
import { builtIn, loadCommand } from '../cli/discover.js';
import { asksForHelp, earlyOptions, isWords, type Line, wordsOf } from '../cli/line.js';
import { parse, usageLine } from '../cli/parse.js';
import type { Context, Host, Result } from '../command.js';
import type { Connection } from '../db/connect/connection.js';
import { CommandError } from '../errors.js';
import { publicApi } from '../modules/load.js';
import type { Declared } from '../settings/parse.js';
import { loadProject, workingFolder } from '../settings/project.js';
import { createTerminal, type OwnedTerminal } from '../ui/terminal.js';
import { openConnection, withFoundModels, withMissingTableHint, withThirdParty } from './project.js';

/** One run of a command, and what it has opened. */
export interface Run {
  readonly host: Host;
  readonly signal: AbortSignal;
  readonly ignoringInterrupts: Context['ignoringInterrupts'];
  readonly connections: Map<string, Promise<Connection>>;
  readonly onCommit: (step: 'sent' | 'failed' | 'done') => void;
  readonly onOutage: (sentence: string) => void;
  terminal: OwnedTerminal;
  /** How far the last commit of all that the command does, or of one step of it, has come. */
  commit?: 'sent' | 'failed' | 'done';
  traceback: boolean;
  /** `manage flush`, once that is known. */
  program?: string;
  /** How the command is used, while its command line is parsed. */
  usage?: string | undefined;
}

const undeclared = () => new CommandError('This command declares that it needs no settings.');

type ConnectOptions = NonNullable<Parameters<Context['connect']>[1]>;

/** Runs one command. */
export async function execute({ name: given, words, config }: Line, run: Run): Promise<Result> {
  const { host } = run;
  const name = given ?? 'help';
  const project = await loadProject(host, config);
  let declaring: Promise<Declared> | undefined;
  const declare = () => {
    declaring ??= import('../settings/parse.js').then(({ parseSettings }) => parseSettings(project));
    return declaring;
  };
  const catalogue = openCatalogue(project, declare);
  const info = catalogue.find(name);
  run.program = `manage ${name}`;
  const command = await loadCommand(info);
  const needsSettings = command.settings !== false && !(isWords(words) && asksForHelp(words, command));
  const declared = needsSettings ? await declare() : undefined;
  const open = (
    alias: string,
    { create = false, lockTimeoutMs }: Pick<ConnectOptions, 'create' | 'lockTimeoutMs'> = {},
  ) => {
    const waiting = lockTimeoutMs === undefined ? {} : { lockTimeoutMs };
    const opening =
      run.connections.get(alias) ??
      declare().then((known) => openConnection(known, alias, { create, signal: run.signal, run, ...waiting }));
    run.connections.set(alias, opening);
    opening.catch(() => void run.connections.delete(alias));
    return opening;
  };
  const early = isWords(words)
    ? earlyOptions(words)
    : { introspect: words.introspect === true, database: words.database };
  const introspects = declared !== undefined && (early.introspect || declared.settings.introspect);
  const alias = typeof early.database === 'string' ? early.database : 'default';
  // Options are named after the fields of the model that is in the database. Where there is none yet, the command says so.
  const found =
    introspects && command.modelOptions !== undefined
      ? await open(alias)
          .then((connection) => withFoundModels(connection, declared.settings))
          .catch(() => undefined)
      : undefined;
  const registry = found?.registry ?? declared?.registry;
  const modelOptions = registry === undefined ? {} : (command.modelOptions?.(registry) ?? {});
  const databases = Object.keys(declared?.settings.databases ?? {});

  run.usage = usageLine(name, command);
  const line = isWords(words) ? words : wordsOf(words, command, modelOptions);
  const { globals, args } = await parse(line, command, { modelOptions, databases });
  run.usage = undefined;
  run.traceback = globals.traceback;
  const terminal = createTerminal(host, { ...globals, signal: run.signal });
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
    terminal.note(`${globals.ignored.join(' and ')} ${are} Django's, and ignored: --config names a config file.`);
  }
  if (info.replaces !== undefined) {
    terminal.note(`The command '${name}' of ${info.source} replaces the one of ${info.replaces}.`, 2);
  }

  const context: Context = {
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
    async otherSettings(file) {
      const { parseSettings } = await import('../settings/parse.js');
      const nothing = { files: [], quoted: [], values: {}, lookup: () => undefined };
      const { root } = project;
      const bare = { root, configFile: undefined, environment: nothing, config: {}, packages: [], problems: [] };
      const other = file === undefined ? bare : await loadProject({ env: {}, cwd: () => workingFolder(host) }, file);
      return (await parseSettings(other)).settings;
    },
    publicApi,
    signal: run.signal,
    ignoringInterrupts: run.ignoringInterrupts,
    async connect(
      alias = 'default',
      { declared: asDeclared = false, thirdParty = false, writes = false, ...options } = {},
    ) {
      const connection = await open(alias, options);
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
  };
  if (globals.version) return (await loadCommand(catalogue.find('version'))).run(context, {});
  if (!globals.help || given === undefined) {
    const result = Promise.resolve(command.run(context, args));
    if (declared === undefined || globals.introspect || declared.settings.introspect) return result;
    const { settings } = declared;
    return result.catch(async (error: unknown) => {
      throw await withMissingTableHint(error, run.connections.values(), settings);
    });
  }
  const { text, json } = await context.usage(name);
  await terminal.write(`${text}\n`);
  return { json };
}
