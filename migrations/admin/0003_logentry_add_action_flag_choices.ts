import { defineMigration, type MigrationContext } from '../../src/db/migrations/migration.js';

async function nothing({ operation }: MigrationContext): Promise<void> {
  operation('Alter field action_flag on logentry');
}

export default defineMigration({
  dependencies: ['admin.0002_logentry_remove_auto_add'],
  up: (_db, context) => nothing(context),
  down: (_db, context) => nothing(context),
});
