import { defineMigration } from '../../src/db/migrations/migration.js';
import { permission } from './_tables.js';

export default defineMigration({
  dependencies: ['auth.0001_initial'],

  async up(_db, { schema, operation }) {
    operation('Alter field name on permission');
    await schema.alterColumn(permission(1), permission(2), 'name');
  },

  async down(_db, { schema, operation }) {
    operation('Alter field name on permission');
    await schema.alterColumn(permission(2), permission(1), 'name');
  },
});
