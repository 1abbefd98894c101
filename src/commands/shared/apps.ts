import type { CredentialApp } from '../../apps/define.js';
import { credentialTables, findApps, registered } from '../../apps/find.js';
import type { Connection } from '../../db/connect/connection.js';

/** A connection whose registry has the third-party apps that are known too, and the tables of those that are credentials. */
export interface KnownApps {
  readonly connection: Connection;
  readonly credentialTables: ReadonlySet<string>;
}

/** Looks which third-party apps a database has; `own` are the project's. */
export async function withKnownApps(connection: Connection, own: readonly CredentialApp[] = []): Promise<KnownApps> {
  const found = await findApps(connection, own);
  return { connection: registered(connection, found), credentialTables: credentialTables(found) };
}
