import { defineMigration, type MigrationContext } from '../../src/db/migrations/migration.js';

async function nothing({ operation }: MigrationContext): Promise<void> {
  operation('Alter field username on user');
}

export default defineMigration({
  dependencies: ['auth.0003_alter_user_email_max_length'],
  up: (_db, context) => nothing(context),
  down: (_db, context) => nothing(context),
});
