import type { Terminal } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';

/** Warns of apps that are in the database and in no settings. */
export async function warnOfUnknownApps(terminal: Terminal, connection: Connection): Promise<void> {
  const { unknownApps } = await import('../../../db/introspection/unknown-apps.js');
  const tables = new Set(await connection.dialect.tableNames(connection.db));
  const unknown = await unknownApps(connection, connection.db, tables);
  if (unknown.length === 0) return;
  terminal.warn(
    `This database has apps that the settings do not declare, which are not in the fixture: ${unknown.join(', ')}. --introspect takes them from the database.`,
  );
}
