import { loadCommand } from './cli/discover.js';
import { isWords, type Line, wordsOf } from './cli/line.js';
import type { Context, Host, Result } from './command.js';
import type { Connection } from './db/connection.js';
import { CommandError, UsageError } from './errors.js';
import { type Declared, openProject } from './project.js';
import { loadProject } from './settings/project.js';
import { createTerminal, type OwnedTerminal } from './ui/terminal.js';

/** One run of a command, and what it has opened. */
export interface Run {
  readonly host: Host;
  readonly signal: AbortSignal;
  readonly connections: Map<string, Promise<Connection>>;
  terminal: OwnedTerminal;
  traceback: boolean;
  /** `manage flush`, once that is known. */
  program?: string;
  /** How the command is used, while its command line is parsed. */
  usage?: string | undefined;
}

async function openConnection({ settings, registry }: Declared, alias: string, create: boolean): Promise<Connection> {
  const database = settings.databases[alias];
  if (database === undefined) {
    throw new UsageError(`There is no database '${alias}' in the settings.`, {
      code: 'unknown_database',
      hint: `Known are ${Object.keys(settings.databases).join(', ')}.`,
    });
  }
  const { connect } = await import('./db/connect.js');
  const { sqliteDriver, useTz, timeZone } = settings;
  const driver = sqliteDriver === undefined ? {} : { driver: sqliteDriver };
  return connect(database, registry, { create, useTz, timeZone, ...driver });
}

const undeclared = () => new CommandError('This command declares that it needs no settings.');

/** Runs one command. */
export async function execute({ name = 'help', words, config }: Line, run: Run): Promise<Result> {
  const { host } = run;
  const project = await loadProject(host, config);
  const { find, declare, commands, usage } = openProject(project);
  const info = find(name);
  run.program = `manage ${name}`;
  const command = await loadCommand(info);
  const declared = command.settings === false ? undefined : await declare();
  const modelOptions = declared === undefined ? {} : (command.modelOptions?.(declared.registry) ?? {});
  const databases = Object.keys(declared?.settings.databases ?? {});

  const { parse, usageLine } = await import('./cli/parse.js');
  run.usage = usageLine(name, command);
  const line = isWords(words) ? words : wordsOf(words, command, modelOptions);
  const { globals, args } = await parse(line, command, { modelOptions, databases });
  run.usage = undefined;
  run.traceback = globals.traceback;
  run.terminal.release();
  run.terminal = createTerminal(host, { ...globals, signal: run.signal });
  const { terminal } = run;
  if (globals.noColor && globals.forceColor) {
    throw new CommandError("The --no-color and --force-color options can't be used together.");
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
      if (declared === undefined) throw undeclared();
      return declared.registry;
    },
    terminal,
    env: project.environment.values,
    cwd: () => host.cwd(),
    stdin: host.stdin,
    now: host.now ?? (() => new Date()),
    signal: run.signal,
    connect(alias = 'default', { create = false } = {}) {
      const open =
        run.connections.get(alias) ??
        declare()
          .then((known) => openConnection(known, alias, create))
          .catch((error) => {
            run.connections.delete(alias);
            throw error;
          });
      run.connections.set(alias, open);
      return open;
    },
    commands,
    usage: (other) => usage(other, terminal.columns),
  };
  if (!globals.help && !globals.version) return command.run(context, args);
  if (globals.version) return (await loadCommand(find('version'))).run(context, {});
  const shown = await context.usage(name);
  await terminal.write(`${shown.text}\n`);
  return { json: shown.json };
}
