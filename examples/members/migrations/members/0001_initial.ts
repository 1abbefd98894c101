import { defineMigration } from 'manage-auth';

export default defineMigration({
  dependencies: ['auth.0012_alter_user_first_name_max_length'],

  async up(_db, { schema, operation }) {
    operation('Create model Member');
    await schema.createTable({
      name: 'members_member',
      columns: [
        { name: 'id', type: 'UUIDField', primaryKey: true },
        { name: 'password', type: 'CharField', maxLength: 128 },
        { name: 'last_login', type: 'DateTimeField', null: true },
        { name: 'email', type: 'EmailField', maxLength: 254, unique: true },
        { name: 'full_name', type: 'CharField', maxLength: 200 },
        { name: 'is_active', type: 'BooleanField' },
        { name: 'is_superuser', type: 'BooleanField' },
      ],
    });
    await schema.createTable({
      name: 'members_member_groups',
      columns: [
        { name: 'id', type: 'BigAutoField', primaryKey: true },
        { name: 'member_id', type: 'UUIDField', references: { table: 'members_member', column: 'id' } },
        { name: 'group_id', type: 'IntegerField', references: { table: 'auth_group', column: 'id' } },
      ],
      uniqueTogether: [['member_id', 'group_id']],
    });
    await schema.createTable({
      name: 'members_member_user_permissions',
      columns: [
        { name: 'id', type: 'BigAutoField', primaryKey: true },
        { name: 'member_id', type: 'UUIDField', references: { table: 'members_member', column: 'id' } },
        { name: 'permission_id', type: 'IntegerField', references: { table: 'auth_permission', column: 'id' } },
      ],
      uniqueTogether: [['member_id', 'permission_id']],
    });
  },

  async down(_db, { schema, operation }) {
    operation('Delete model Member');
    await schema.dropTable('members_member_user_permissions');
    await schema.dropTable('members_member_groups');
    await schema.dropTable('members_member');
  },
});
