import { defineMigration, type MigrationContext } from '../../src/db/migrations/migration.js';

/** Django moves the permissions of proxy models to content types of their own here; there are no proxy models. */
async function nothing({ run }: MigrationContext): Promise<void> {
  await run('Update the permissions of proxy models', async () => {});
}

export default defineMigration({
  dependencies: ['auth.0010_alter_group_name_max_length', 'contenttypes.0002_remove_content_type_name'],
  up: (_db, context) => nothing(context),
  down: (_db, context) => nothing(context),
});
