import { defineMigration } from '../../src/db/migrations/migration.js';

export default defineMigration({
  dependencies: [],

  async up(_db, { schema, operation }) {
    operation('Create model Session');
    await schema.createTable({
      name: 'django_session',
      columns: [
        { name: 'session_key', type: 'CharField', maxLength: 40, primaryKey: true },
        { name: 'session_data', type: 'TextField' },
        { name: 'expire_date', type: 'DateTimeField', index: true },
      ],
    });
  },

  async down(_db, { schema, operation }) {
    operation('Create model Session');
    await schema.dropTable('django_session');
  },
});
