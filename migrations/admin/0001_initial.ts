import { defineMigration } from '../../src/db/migrations/migration.js';
import { log } from './_tables.js';

export default defineMigration({
  dependencies: ['userModel', 'contenttypes.__first__'],

  async up(_db, { schema, operation, userModel }) {
    operation('Create model LogEntry');
    await schema.createTable(log(userModel));
  },

  async down(_db, { schema, operation, userModel }) {
    operation('Create model LogEntry');
    await schema.dropTable(log(userModel).name);
  },
});
