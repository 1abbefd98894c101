import type { ParsedDatabase } from '../settings.js';
import type { ConnectOptions } from './connect.js';

export interface ResetOptions extends Pick<ConnectOptions, 'driver'> {
  /** Ends the connections that others have to it, where the engine would refuse because of them. */
  readonly closeSessions?: boolean;
}

/**
 * Drops a database and makes it anew, empty; a missing one is only made. All connections of this process to it must be
 * closed. Where the settings name a schema, that schema alone is dropped and made.
 *
 * @throws CommandError where it is in use or the right to do so is missing.
 */
export async function resetDatabase({ target }: ParsedDatabase, options: ResetOptions = {}): Promise<void> {
  if (target.engine === 'sqlite') await (await import('./sqlite/reset.js')).resetSqlite(target, options);
  else await (await import('./postgres/reset.js')).resetPostgres(target, options);
}
