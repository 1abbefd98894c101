import { defineMigration } from '../../src/db/migrations/migration.js';
import { named, named0002 } from './_tables.js';

/** Django's own models: older code reads their class names from `name`, and other models' in lower case. */
const classes = [
  { app_label: 'admin', model: 'logentry', name: 'LogEntry', table: 'django_admin_log' },
  { app_label: 'auth', model: 'permission', name: 'Permission', table: 'auth_permission' },
  { app_label: 'auth', model: 'group', name: 'Group', table: 'auth_group' },
  { app_label: 'auth', model: 'user', name: 'User', table: 'auth_user' },
  { app_label: 'contenttypes', model: 'contenttype', name: 'ContentType', table: named.name },
  { app_label: 'sessions', model: 'session', name: 'Session', table: 'django_session' },
];

export default defineMigration({
  dependencies: ['contenttypes.0001_initial'],

  async up(_db, { schema, operation, run }) {
    operation('Change Meta options on contenttype');
    operation('Alter field name on contenttype');
    await schema.alterColumn(named, named0002, 'name');
    await run('Leave the names behind', async () => {});
    operation('Remove field name from contenttype');
    await schema.dropColumn(named0002, 'name');
  },

  async down(_db, { schema, operation, run }) {
    operation('Remove field name from contenttype');
    await schema.addColumn(named0002, 'name');
    await run('Fill in the names', async (executor) => {
      await executor(named.name).update({ name: executor.ref('model') });
      for (const { app_label, model, name, table } of classes) {
        // A model whose migrations are undone is as good as unknown.
        if (await executor.schema.hasTable(table)) {
          await executor(named.name).where({ app_label, model }).update({ name });
        }
      }
    });
    operation('Alter field name on contenttype');
    await schema.alterColumn(named0002, named, 'name');
    operation('Change Meta options on contenttype');
  },
});
