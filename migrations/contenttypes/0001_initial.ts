import { defineMigration } from '../../src/db/migrations/migration.js';
import { named } from './_tables.js';

export default defineMigration({
  dependencies: [],

  async up(_db, { schema, operation }) {
    operation('Create model ContentType');
    await schema.createTable(named);
    operation('Alter unique_together for contenttype (1 constraint(s))');
  },

  async down(_db, { schema, operation }) {
    operation('Create model ContentType');
    await schema.dropTable(named.name);
  },
});
