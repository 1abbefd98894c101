import { defineMigration, type MigrationContext } from '../../src/db/migrations/migration.js';

async function nothing({ operation }: MigrationContext): Promise<void> {
  operation('Alter field username on user');
}

export default defineMigration({
  dependencies: ['auth.0006_require_contenttypes_0002'],
  up: (_db, context) => nothing(context),
  down: (_db, context) => nothing(context),
});
