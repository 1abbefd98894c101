import type { ParsedDatabase } from '../../settings/settings.js';
import type { ConnectOptions } from './connect.js';

export interface ResetOptions extends Pick<ConnectOptions, 'driver'> {
  /** Ends the connections that others have to it, where the engine would refuse because of them. */
  readonly closeSessions?: boolean;
}

export interface ResetResult {
  /** What of the old database the new one could not be given, for want of a right: `the setting log_statement`. */
  readonly notKept: readonly string[];
}

/**
 * Lets a new, empty database take the place of the old one, with the same owner, encoding, collation, settings and rights; a
 * missing one is only made. Whatever ends the run, the old or the new one is there. All connections of this process to it
 * must be closed. Where the settings name a schema, that schema alone is dropped and made.
 *
 * @throws CommandError where it is in use or the right to do so is missing.
 */
export async function resetDatabase({ target }: ParsedDatabase, options: ResetOptions = {}): Promise<ResetResult> {
  if (target.engine === 'postgres')
    return (await import('../engines/postgres/reset.js')).resetPostgres(target, options);
  await (await import('../engines/sqlite/reset.js')).resetSqlite(target, options);
  return { notKept: [] };
}
