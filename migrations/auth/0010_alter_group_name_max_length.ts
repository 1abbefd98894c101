import { defineMigration } from '../../src/db/migrations/migration.js';
import { group } from './_tables.js';

export default defineMigration({
  dependencies: ['auth.0009_alter_user_last_name_max_length'],

  async up(_db, { schema, operation }) {
    operation('Alter field name on group');
    await schema.alterColumn(group(9), group(10), 'name');
  },

  async down(_db, { schema, operation }) {
    operation('Alter field name on group');
    await schema.alterColumn(group(10), group(9), 'name');
  },
});
