import { defineMigration } from '../../src/db/migrations/migration.js';
import { group, groupPermissions, permission, user, userGroups, userPermissions } from './_tables.js';

export default defineMigration({
  dependencies: ['contenttypes.__first__'],

  async up(_db, { schema, operation, userModel }) {
    operation('Create model Permission');
    await schema.createTable(permission(1));
    operation('Create model Group');
    await schema.createTable(group(1));
    await schema.createTable(groupPermissions);
    operation('Create model User');
    if (userModel.label !== 'auth.user') return;
    await schema.createTable(user(1));
    await schema.createTable(userGroups);
    await schema.createTable(userPermissions);
  },

  async down(_db, { schema, operation, userModel }) {
    operation('Create model User');
    if (userModel.label === 'auth.user') {
      await schema.dropTable(userPermissions.name);
      await schema.dropTable(userGroups.name);
      await schema.dropTable(user(1).name);
    }
    operation('Create model Group');
    await schema.dropTable(groupPermissions.name);
    await schema.dropTable(group(1).name);
    operation('Create model Permission');
    await schema.dropTable(permission(1).name);
  },
});
