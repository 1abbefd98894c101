import { defineMigration } from '../../src/db/migrations/migration.js';
import { user } from './_tables.js';

export default defineMigration({
  dependencies: ['auth.0011_update_proxy_permissions'],

  async up(_db, { schema, operation, userModel }) {
    operation('Alter field first_name on user');
    if (userModel.label !== 'auth.user') return;
    await schema.alterColumn(user(11), user(12), 'first_name');
  },

  async down(_db, { schema, operation, userModel }) {
    operation('Alter field first_name on user');
    if (userModel.label !== 'auth.user') return;
    await schema.alterColumn(user(12), user(11), 'first_name');
  },
});
