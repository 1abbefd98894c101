import type { Connection } from './db/connect/connection.js';
import type { Registry } from './registry/types.js';
import type { ParsedSettings } from './settings/settings.js';

/** What a process is to `main`: `process` itself is one, and tests and programs bring their own. */
export interface Host {
  readonly stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  cwd(): string;
  /** Events of a process: `SIGINT`, `SIGTERM`, `SIGHUP`, `uncaughtException`, `unhandledRejection`, `beforeExit`. */
  on?(event: string, listener: (detail: unknown) => void): unknown;
  off?(event: string, listener: (detail: unknown) => void): unknown;
  /** Replaces the terminal that `main` would make of the streams: scripted answers in tests. */
  readonly terminal?: Prompter;
  readonly now?: () => Date;
}

/** Who is asked: a person at a terminal, or a test's script. */
export interface Prompter {
  /** Whether somebody can answer. */
  readonly interactive: boolean;
  /**
   * Writes `question` as it is to stderr and resolves with one line, without its line break.
   *
   * @throws OperationCancelled on Ctrl-C and at end of input.
   */
  ask(question: string): Promise<string>;
  /** As {@link Prompter.ask}, and shows nothing of what is typed. */
  askSecret(question: string): Promise<string>;
}

/** Progress of long work: drawn only on a terminal, at verbosity 1 and above, without `--json`. */
export interface Progress {
  /** `total` is unknown at times. */
  update(done: number, total?: number): void;
  /** Whether somebody may see it: what costs something is worked out for them alone. */
  readonly shown: boolean;
  /** Takes the line away again. */
  stop(): void;
}

/** Colours one piece of text for the stream it goes to; leaves it as it is where that stream shows none. */
export interface Style {
  heading(text: string): string;
  label(text: string): string;
  success(text: string): string;
  warning(text: string): string;
  error(text: string): string;
  dim(text: string): string;
}

/** Everything that a command says and asks. Results go to stdout, all else to stderr. */
export interface Terminal extends Prompter {
  readonly verbosity: 0 | 1 | 2 | 3;
  readonly json: boolean;
  /** Width of stdout in columns; 80 where it is no terminal. */
  readonly columns: number;
  /** Whether stdout is a terminal: what is wider than {@link Terminal.columns} may then be cut. */
  readonly toTerminal: boolean;
  /** Styles for stdout. */
  readonly style: Style;
  /** Styles for stderr. */
  readonly errStyle: Style;
  /** Data on stdout, as it is, at every verbosity; waits while the reader is slow. Nothing with `--json`. */
  write(text: string | Uint8Array): Promise<void>;
  /** One line on stdout that says what was done: silent at `-v0` and with `--json`. `level` is the verbosity needed. */
  say(line: string, level?: 1 | 2 | 3): void;
  /** A started line on stdout, to be ended by {@link Terminal.say} (`  Applying auth.0001_initial...`). */
  begin(text: string, level?: 1 | 2 | 3): void;
  /** One line on stderr, at verbosity `level` (1) and above, and not with `--json`. */
  note(line: string, level?: 1 | 2 | 3): void;
  /** A warning on stderr, at every verbosity; with `--json` a line `{"warning":{"message"}}`, unless somebody is asked. */
  warn(line: string): void;
  /**
   * Asks until the answer is `yes` or anything else, as Django does: only the exact word is a yes.
   *
   * @throws UsageError where nobody can answer: the sentence names `--no-input`.
   */
  confirm(question: string): Promise<boolean>;
  progress(label: string): Progress;
}

interface OptionBase {
  /** What `--help` says. */
  readonly describe: string;
  /** A single letter: `e` for `-e`. */
  readonly short?: string;
  /** Further long spellings, without dashes. */
  readonly aliases?: readonly string[];
  readonly hidden?: boolean;
}
/** The values that there are; `databases` stands for the aliases in the settings. */
export type Choices = readonly string[] | 'databases';

export interface BooleanOption extends OptionBase {
  readonly type: 'boolean';
}
export interface StringOption extends OptionBase {
  readonly type: 'string';
  readonly choices?: Choices;
  readonly default?: string;
  /** What stands for the value in help, such as `ALIAS`; by default the option's name in capitals. */
  readonly placeholder?: string;
}
/** A whole number: anything else is wrong usage. */
export interface IntegerOption extends OptionBase {
  readonly type: 'integer';
  readonly min?: number;
  readonly max?: number;
  readonly default?: number;
  readonly placeholder?: string;
  /** What it counts: then `90s`, `10m`, `2h`, `30d` and `4w` are taken too, in whatever unit; days may come as fractions. */
  readonly unit?: 'seconds' | 'days';
}
/** May be given several times; the value is an array, empty when it was not given. */
export interface ListOption extends OptionBase {
  readonly type: 'list';
  readonly choices?: Choices;
  readonly placeholder?: string;
}
/** Options are named in camelCase (`noInput` is `--no-input`). */
export type OptionSpec = BooleanOption | StringOption | IntegerOption | ListOption;
export type Options = Readonly<Record<string, OptionSpec>>;

export interface PositionalSpec {
  readonly describe: string;
  readonly required?: boolean;
  /** Takes all that remain, as an array; only the last one may. */
  readonly variadic?: boolean;
  readonly choices?: readonly string[];
  /** What stands for it in help and errors; by default its name. */
  readonly placeholder?: string;
}
export type Positionals = Readonly<Record<string, PositionalSpec>>;

type OptionValue<O extends OptionSpec> = O extends BooleanOption
  ? boolean
  : O extends IntegerOption
    ? O extends { readonly default: number }
      ? number
      : number | undefined
    : O extends ListOption
      ? string[]
      : O extends { readonly default: string }
        ? string
        : string | undefined;
type PositionalValue<P extends PositionalSpec> = P extends { readonly variadic: true }
  ? string[]
  : P extends { readonly required: true }
    ? string
    : string | undefined;

/** What `run` gets for the declared options and positionals. */
export type Arguments<O extends Options, P extends Positionals> = {
  readonly [K in keyof O]: OptionValue<O[K]>;
} & { readonly [K in keyof P]: PositionalValue<P[K]> };

/** What a command works with. */
export interface Context {
  readonly settings: ParsedSettings;
  /** What the settings declare; the one in force for a database is its connection's. */
  readonly registry: Registry;
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  cwd(): string;
  readonly stdin: Host['stdin'];
  /** For another program's prompt; what a command itself writes goes through {@link Context.terminal}. */
  readonly stdout: Host['stdout'];
  now(): Date;
  /**
   * The settings and what they declare, for commands of which `settings: false` says that they can do without.
   *
   * @throws CommandError that lists what is wrong with the settings.
   */
  declare(): Promise<{ readonly settings: ParsedSettings; readonly registry: Registry }>;
  /**
   * What the settings would be with another config file and no environment, or without any file.
   *
   * @throws CommandError for what is wrong in it.
   */
  otherSettings(file?: string): Promise<ParsedSettings>;
  /** Aborted by Ctrl-C and SIGTERM: long work stops at the next safe place. */
  readonly signal: AbortSignal;
  /** All that `import 'manage-auth'` gives. */
  publicApi(): Promise<Readonly<Record<string, unknown>>>;
  /** Leaves Ctrl-C to another program, or to a prompt of its own kind, while `work` goes on. */
  ignoringInterrupts<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Opens the database, once a run for each alias; it is closed when the run ends. `create` allows a missing SQLite file
   * to be made; with `declared` the models are those of the settings, even where others are taken from the database;
   * with `thirdParty` they are also those of the third-party apps whose tables are there. With `writes` a server that takes no
   * changes, such as a standby, is refused at once, before anybody is asked anything. `lockTimeoutMs` is how long to wait where another program keeps the whole database locked.
   *
   * @throws UsageError for an unknown alias, CommandError where the database cannot be reached.
   */
  connect(
    alias?: string,
    options?: {
      readonly create?: boolean;
      readonly declared?: boolean;
      readonly thirdParty?: boolean;
      readonly writes?: boolean;
      readonly lockTimeoutMs?: number;
    },
  ): Promise<Connection>;
  /** All commands there are: what `help` shows. */
  commands(): Promise<CommandList>;
  /**
   * How one command is used: what `help <command>` shows.
   *
   * @throws UsageError where there is no such command.
   */
  usage(name: string): Promise<CommandUsage>;
  /**
   * What may follow a command, from what the build has noted where it has: then nothing of the command is loaded.
   *
   * @throws UsageError where there is no such command.
   */
  outline(name: string): Promise<CommandOutline>;
}

/** What may follow a command on the command line. */
export interface CommandOutline {
  readonly arguments: readonly {
    readonly name: string;
    readonly variadic: boolean;
    readonly choices: readonly string[] | null;
  }[];
  readonly options: readonly {
    readonly names: readonly string[];
    readonly type: string;
    readonly describe: string;
    readonly choices: readonly string[] | null;
  }[];
}

export interface CommandInfo {
  readonly name: string;
  /** `manage-auth`, a package's name, or `project`. */
  readonly source: string;
  /** What the command is about (`accounts`); for others than this package's own their source. */
  readonly topic: string;
  readonly file: string;
  /** The first line of what the command says about itself. */
  readonly describe: string;
}

export interface CommandList {
  /** By source (`manage-auth`, packages, the project), topic and name; replaced ones are left out. */
  readonly commands: readonly CommandInfo[];
  /** Why commands of packages and of the project may be missing: one sentence. */
  readonly problem: string | undefined;
}

export interface CommandUsage {
  readonly text: string;
  readonly json: unknown;
}

/** One command, as its file's default export. */
export interface Command<O extends Options = Options, P extends Positionals = Positionals> {
  /** One sentence; its first line stands in `help`, which reads it from the file: write it as literal text. */
  readonly describe: string;
  /** In the order in which they stand on the command line. */
  readonly positionals?: P;
  readonly options?: O;
  /** Further options that depend on the user model, such as `--email` where that is the login. */
  readonly modelOptions?: (registry: Registry) => Options;
  /** `false` for commands that work where settings are broken: they have no `settings` and no `registry` (which throw). */
  readonly settings?: false;
  /** `false` for commands whose result is text for another program (dumpdata, sql*, shell): they have no `--json`. */
  readonly json?: false;
  /** Examples for `--help`: command line and what it does. */
  readonly examples?: readonly (readonly [string, string])[];
  /**
   * Does the work. What it resolves with is the `--json` document; `exitCode` 1 is for findings (`check`), which are no
   * errors: throw {@link CommandError} for those.
   */
  run(context: Context, args: Arguments<O, P> & { readonly modelArguments: ModelArguments }): Promise<Result>;
}

/** The values given for `modelOptions`, by option name; what was not given is absent. */
export type ModelArguments = Readonly<Record<string, string | readonly string[] | boolean | number>>;

/**
 * The `--json` document of a run, and the status where findings make it 1. A list in the document may be an async
 * iterable: its items are written as they come.
 */
export type Result = { readonly json?: unknown; readonly exitCode?: number } | undefined;

/** Declares a command; it exists for the types of `run`'s arguments. */
export function defineCommand<
  const O extends Options = Record<never, never>,
  const P extends Positionals = Record<never, never>,
>(command: Command<O, P>): Command<O, P> {
  return command;
}
