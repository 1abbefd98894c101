import { defineMigration } from '../../src/db/migrations/migration.js';
import { user } from './_tables.js';

export default defineMigration({
  dependencies: ['auth.0007_alter_validators_add_error_messages'],

  async up(_db, { schema, operation, userModel }) {
    operation('Alter field username on user');
    if (userModel.label !== 'auth.user') return;
    await schema.alterColumn(user(7), user(8), 'username');
  },

  async down(_db, { schema, operation, userModel }) {
    operation('Alter field username on user');
    if (userModel.label !== 'auth.user') return;
    await schema.alterColumn(user(8), user(7), 'username');
  },
});
