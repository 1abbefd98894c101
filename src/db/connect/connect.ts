import type { Knex } from 'knex';
import { OperationCancelled } from '../../errors.js';
import type { Registry } from '../../registry/types.js';
import type { ParsedDatabase } from '../../settings/settings.js';
import type { Dialect } from '../dialect/dialect.js';
import { closeDatabase } from './client.js';
import type { Connection, InterruptibleRun } from './connection.js';

export interface ConnectOptions {
  /** Makes a missing SQLite file. Its folder must be there. */
  readonly create?: boolean;
  /** The SQLite driver to use; by default `sqlite3` where it loads, else `node:sqlite`. */
  readonly driver?: 'sqlite3' | 'node:sqlite';
  /** Whether timestamps on SQLite are in UTC (Django's USE_TZ, default) or local to `timeZone`. */
  readonly useTz?: boolean;
  /** An IANA name, by default `UTC`. */
  readonly timeZone?: string;
  /** Ends the attempt to connect. */
  readonly signal?: AbortSignal;
  /** How long to wait for locks of other programs; by default as long as the engine does. */
  readonly lockTimeoutMs?: number;
  /** What transactions are part of. */
  readonly run?: InterruptibleRun;
}

/** What an engine's folder makes of a target. */
export interface OpenDatabase {
  readonly db: Knex;
  readonly dialect: Dialect;
  readonly description: string;
  /** Ends the queries that are running. */
  interrupt(): void;
}

/**
 * Opens a database and makes sure that it can be reached.
 *
 * @throws CommandError with a sentence and a hint where there is no driver, no server, no such database or file, or no
 * permission; never with a password in it. OperationCancelled where `signal` is aborted.
 */
export async function connect(
  { alias, target, protected: isProtected }: ParsedDatabase,
  registry: Registry,
  options: ConnectOptions = {},
): Promise<Connection> {
  // An engine's folder loads its driver, so that a run on SQLite never loads `pg` and the other way round.
  const { db, dialect, description, interrupt } =
    target.engine === 'sqlite'
      ? await (await import('../engines/sqlite/open.js')).openSqlite(target, options)
      : (await import('../engines/postgres/open.js')).openPostgres(target);
  const close = () => closeDatabase(db, interrupt);
  const { signal, run } = options;
  signal?.addEventListener('abort', interrupt);
  try {
    signal?.throwIfAborted();
    await dialect.verify(db);
  } catch (error) {
    await close();
    throw signal?.aborted ? new OperationCancelled() : error;
  } finally {
    signal?.removeEventListener('abort', interrupt);
  }
  return { alias, db, dialect, registry, target: description, protected: isProtected, close, ...(run && { run }) };
}
