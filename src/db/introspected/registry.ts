import { createRegistry } from '../../registry/define.js';
import type { Registry } from '../../registry/types.js';
import type { Connection } from '../connection.js';
import { introspectApps } from './apps.js';

/**
 * The registry of what a database itself has: its tables, with the names that its content types give to their models.
 * Tables without a key of one column have no model.
 */
export async function introspectRegistry(connection: Pick<Connection, 'db' | 'dialect'>): Promise<Registry> {
  const { apps, userModel } = await introspectApps(connection, connection.db);
  return createRegistry(apps, userModel, { maxNameLength: connection.dialect.maxNameLength });
}
