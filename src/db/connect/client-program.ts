import type { ParsedDatabase } from '../../settings/settings.js';

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

/** The command-line client of a database (Django 5.2 db/backends/postgresql/client.py, sqlite3/client.py). */
export async function clientProgram({ target }: ParsedDatabase, options: ClientOptions): Promise<ClientProgram> {
  return target.engine === 'sqlite'
    ? (await import('../engines/sqlite/client-program.js')).sqliteProgram(target, options)
    : (await import('../engines/postgres/client-program.js')).postgresProgram(target, options);
}
