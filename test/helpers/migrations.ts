import type { Connection } from '../../src/db/connect/connection.js';
import type { MigrationSettings } from '../../src/db/migrations/load.js';
import { coreApps } from '../../src/registry/core.js';
import type { AppDefinition } from '../../src/registry/types.js';
import { type MigrateOptions, type MigrateResult, migrate } from '../../src/schema/migrate.js';

/** Settings of a project with these apps besides Django's, and its migrations in `root`. */
export function migrationSettings(apps: readonly AppDefinition[] = [], root?: string): MigrationSettings {
  return {
    root: root ?? '/',
    configFile: root === undefined ? undefined : `${root}/manage.config.json`,
    packages: [],
    apps: [...coreApps, ...apps],
  };
}

/** Migrates as `manage migrate [target]` does: `auth`, `auth.0006`, `auth.zero`. */
export function migrateTo(
  connection: Connection,
  target?: string,
  { settings = migrationSettings(), ...options }: Partial<MigrateOptions> & { settings?: MigrationSettings } = {},
): Promise<MigrateResult> {
  const [app, migration] = target?.split('.') ?? [];
  return migrate(connection, settings, { app, migration, now: () => new Date(), ...options });
}

/** The migration before `key` among those of its app, or `zero`: what to migrate to for `key` to be undone. */
export function before(order: readonly string[], key: string): string {
  const app = key.slice(0, key.indexOf('.'));
  return order.filter((other) => other.startsWith(`${app}.`) && other < key).at(-1) ?? `${app}.zero`;
}
