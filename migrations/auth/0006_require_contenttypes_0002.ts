import { defineMigration } from '../../src/db/migrations/migration.js';

// Content types must have lost their names before they are made after a migration.
export default defineMigration({
  dependencies: ['auth.0005_alter_user_last_login_null', 'contenttypes.0002_remove_content_type_name'],
  async up() {},
  async down() {},
});
