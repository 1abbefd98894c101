import { defineMigration } from '../../src/db/migrations/migration.js';
import { user } from './_tables.js';

export default defineMigration({
  dependencies: ['auth.0008_alter_user_username_max_length'],

  async up(_db, { schema, operation, userModel }) {
    operation('Alter field last_name on user');
    if (userModel.label !== 'auth.user') return;
    await schema.alterColumn(user(8), user(9), 'last_name');
  },

  async down(_db, { schema, operation, userModel }) {
    operation('Alter field last_name on user');
    if (userModel.label !== 'auth.user') return;
    await schema.alterColumn(user(9), user(8), 'last_name');
  },
});
