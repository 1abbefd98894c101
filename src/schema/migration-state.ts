import type { Connection } from '../db/connect/connection.js';
import { loadMigrations, type MigrationSettings, migrationSources } from '../db/migrations/load.js';
import { readApplied } from '../db/migrations/recorder.js';
import { assertConsistentHistory, assertNoConflict, createState, type MigrationState } from '../db/migrations/state.js';

/**
 * The migrations that there are, and which of them are applied. Writes nothing.
 *
 * @throws CommandError for migrations that cannot be loaded or put in order.
 */
export async function readMigrations(connection: Connection, settings: MigrationSettings): Promise<MigrationState> {
  const sources = migrationSources(settings);
  const [migrations, recorded] = await Promise.all([loadMigrations(sources), readApplied(connection, connection.db)]);
  return createState(migrations, recorded, { apps: sources.apps, userApp: connection.registry.userModel.app });
}

/** As {@link readMigrations}, and makes sure that the database can be migrated from where it is. */
export async function readMigratable(connection: Connection, settings: MigrationSettings): Promise<MigrationState> {
  const state = await readMigrations(connection, settings);
  assertConsistentHistory(state, connection.alias);
  assertNoConflict(state);
  return state;
}
