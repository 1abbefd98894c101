import { defineMigration, type MigrationContext } from '../../src/db/migrations/migration.js';
import { log } from './_tables.js';

// The column stays what it is, but Django makes the table anew on SQLite, and the column moves.
async function alter({ schema, operation, userModel }: MigrationContext): Promise<void> {
  operation('Alter field action_time on logentry');
  await schema.alterColumn(log(userModel), log(userModel), 'action_time');
}

export default defineMigration({
  dependencies: ['admin.0001_initial'],
  up: (_db, context) => alter(context),
  down: (_db, context) => alter(context),
});
