import { createRegistry } from '../../registry/define.js';
import type { ModelOverride, Registry } from '../../registry/types.js';
import type { Connection } from '../connect/connection.js';
import { introspectApps } from './apps.js';
import { overrideApps } from './override.js';

/**
 * The registry of what a database itself has: its tables, with the names that its content types give to their models.
 * Tables without a key have no model.
 *
 * @throws CommandError where `overrides`, by label, names what is not there.
 */
export async function introspectRegistry(
  connection: Pick<Connection, 'db' | 'dialect'>,
  overrides: Readonly<Record<string, ModelOverride>> = {},
): Promise<Registry> {
  const { apps, userModel, guessed, without, elsewhere, virtual } = await introspectApps(connection, connection.db);
  const overridden = overrideApps(apps, overrides);
  const { maxNameLength } = connection.dialect;
  return createRegistry(overridden.apps, overridden.labelOf(userModel), {
    maxNameLength,
    // What somebody has named is no guess any more.
    without: [
      ...without.map((table) => ({ table, reason: 'without a primary key' })),
      ...virtual.map((table) => ({ table, reason: 'that a module of the database looks after (virtual tables)' })),
      ...elsewhere.map((table) => ({ table, reason: 'in a schema that the search path does not have' })),
    ],
    guessed: new Set([...guessed].filter((label) => overridden.labelOf(label) === label)),
  });
}
