import type { Environment } from '../../settings/environment.js';
import type { InterruptibleRun } from '../connect/connection.js';
import type { OpenDatabase } from '../connect/open-database.js';

/** A table, and the schema that it is to be found in. */
export interface PlacedTable {
  readonly schema: string;
  readonly table: string;
}

/** How a database is opened. */
export interface ConnectOptions {
  /** Makes a missing SQLite file. Its folder must be there. */
  readonly create?: boolean;
  /** The SQLite driver to use; by default `sqlite3` where it loads, else `node:sqlite`. */
  readonly driver?: 'sqlite3' | 'node:sqlite';
  /** Whether timestamps that have no offset in the database are in UTC (Django's USE_TZ, default) or local to `timeZone`. */
  readonly useTz?: boolean;
  /** An IANA name, by default `UTC`. */
  readonly timeZone?: string;
  /** Ends the attempt to connect. */
  readonly signal?: AbortSignal;
  /** How long to wait for locks of other programs; by default as long as the engine does. */
  readonly lockTimeoutMs?: number;
  /** What transactions are part of. */
  readonly run?: InterruptibleRun;
  /** Tables that are in a schema of their own, where the engine has such. */
  readonly placed?: readonly PlacedTable[];
  /** How many connections may be open at once: for servers, which do not wait long for one. */
  readonly poolSize?: number;
}

/** Milliseconds that a request waits for a connection before it is refused. */
export const poolTimeoutMs = 5000;

export interface ResetOptions extends Pick<ConnectOptions, 'driver'> {
  /** Ends the connections that others have to it, where the engine would refuse because of them. */
  readonly closeSessions?: boolean;
}

export interface ResetResult {
  /** What of the old database the new one could not be given, for want of a right: `the setting log_statement`. */
  readonly notKept: readonly string[];
}

/** How an engine's own command-line client is started. */
export interface ClientProgram {
  readonly program: string;
  /** Never has a password in it: arguments are seen by all users of a machine. */
  readonly args: readonly string[];
  /** What is added to the environment. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ClientOptions {
  /** Further arguments for the program. */
  readonly args: readonly string[];
  /** Ends the program at the first error, which people at a terminal would not want. */
  readonly stopAtError: boolean;
}

/** A way in which others could read a database, as a sentence. */
export interface Exposure {
  readonly kind: 'unencrypted' | 'unverified' | 'readable';
  readonly message: string;
}

/** What a URL is read with. */
export interface UrlContext {
  /** Folder that relative paths are relative to. */
  readonly base: string;
  /** Finds a variable of the environment. */
  readonly lookup: Environment['lookup'];
}

/** A question about the rows of one table, in the order of the first column. */
export interface Peek {
  readonly table: string;
  readonly columns: readonly string[];
  /** Some rows that do not begin so may be among the answers. */
  readonly startsWith?: { readonly column: string; readonly text: string };
  readonly limit: number;
}

/** A row, with values as the driver gives them. */
export type Peeked = Readonly<Record<string, unknown>>;

export interface PeekOptions extends Pick<ConnectOptions, 'driver'> {
  /** How long to wait for a server, and for locks of other programs. */
  readonly timeoutMs: number;
}

/** What the rest of the program asks of an engine before there is a connection. Whatever needs its driver is loaded late. */
export interface Engine<Target> {
  /** What URLs begin with. */
  readonly schemes: readonly string[];
  /** A URL, for the message about one of another kind. */
  readonly exampleUrl: string;
  /** Characters that the name of a table may have, or undefined for no limit. */
  readonly maxNameLength: number | undefined;
  /**
   * Reads what follows the scheme and its colon.
   *
   * @throws CommandError as `parseDatabaseUrl` does.
   */
  parseUrl(rest: string, context: UrlContext): Target;
  /** See `connect`. */
  open(target: Target, options: ConnectOptions): Promise<OpenDatabase>;
  /**
   * Answers questions with the driver alone, which takes a third of the time that opening does, and changes nothing.
   *
   * @throws whatever the driver does.
   */
  peek(target: Target, questions: readonly Peek[], options: PeekOptions): Promise<Peeked[][]>;
  /** See `resetDatabase`. */
  reset(target: Target, options: ResetOptions): Promise<ResetResult>;
  /** See `clientProgram`. */
  clientProgram(target: Target, options: ClientOptions): Promise<ClientProgram>;
  /** See `exposuresOf`. */
  exposuresOf(target: Target): Promise<Exposure[]>;
}
