import { defineMigration } from '../../src/db/migrations/migration.js';
import { user } from './_tables.js';

export default defineMigration({
  dependencies: ['auth.0002_alter_permission_name_max_length'],

  async up(_db, { schema, operation, userModel }) {
    operation('Alter field email on user');
    if (userModel.label !== 'auth.user') return;
    await schema.alterColumn(user(2), user(3), 'email');
  },

  async down(_db, { schema, operation, userModel }) {
    operation('Alter field email on user');
    if (userModel.label !== 'auth.user') return;
    await schema.alterColumn(user(3), user(2), 'email');
  },
});
