import { defineMigration } from '../../src/db/migrations/migration.js';
import { user } from './_tables.js';

export default defineMigration({
  dependencies: ['auth.0004_alter_user_username_opts'],

  async up(_db, { schema, operation, userModel }) {
    operation('Alter field last_login on user');
    if (userModel.label !== 'auth.user') return;
    await schema.alterColumn(user(4), user(5), 'last_login');
  },

  async down(_db, { schema, operation, userModel }) {
    operation('Alter field last_login on user');
    if (userModel.label !== 'auth.user') return;
    await schema.alterColumn(user(5), user(4), 'last_login', { fill: { computed: 'now' } });
  },
});
