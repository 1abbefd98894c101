import type { FoundApps } from '../../../apps/find.js';
import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';

/** A connection whose registry has the third-party apps that are known too, and what was found of them. */
export interface KnownApps {
  readonly connection: Connection;
  readonly found: FoundApps;
}

/** Looks which third-party apps a database has, and which of the project's own hold credentials. */
export async function withKnownApps({ settings }: Pick<Context, 'settings'>, opened: Connection): Promise<KnownApps> {
  const { findApps } = await import('../../../apps/find.js');
  const found = await findApps(opened, settings.credentialApps);
  return { connection: found.connection, found };
}
