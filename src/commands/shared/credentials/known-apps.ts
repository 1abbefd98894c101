import type { Connection } from '../../../db/connect/connection.js';

/** A connection whose registry has the third-party apps that are known too, and the tables of those that are credentials. */
export interface KnownApps {
  readonly connection: Connection;
  readonly credentialTables: ReadonlySet<string>;
}

/** Looks which third-party apps a database has. */
export async function withKnownApps(opened: Connection): Promise<KnownApps> {
  const { credentialTables, findApps } = await import('../../../apps/find.js');
  const found = await findApps(opened);
  return { connection: found.connection, credentialTables: credentialTables(found) };
}
