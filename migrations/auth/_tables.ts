import type { TableDefinition } from '../../src/db/schema/schema-editor.js';

/** Permissions as they are after the migration with this number. */
export const permission = (after: number): TableDefinition => ({
  name: 'auth_permission',
  columns: [
    { name: 'id', type: 'AutoField', primaryKey: true },
    { name: 'name', type: 'CharField', maxLength: after < 2 ? 50 : 255 },
    { name: 'content_type_id', type: 'IntegerField', references: { table: 'django_content_type', column: 'id' } },
    { name: 'codename', type: 'CharField', maxLength: 100 },
  ],
  uniqueTogether: [['content_type_id', 'codename']],
});

/** Groups as they are after the migration with this number. */
export const group = (after: number): TableDefinition => ({
  name: 'auth_group',
  columns: [
    { name: 'id', type: 'AutoField', primaryKey: true },
    { name: 'name', type: 'CharField', maxLength: after < 10 ? 80 : 150, unique: true },
  ],
});

/** Users as they are after the migration with this number. */
export const user = (after: number): TableDefinition => ({
  name: 'auth_user',
  columns: [
    { name: 'id', type: 'AutoField', primaryKey: true },
    { name: 'password', type: 'CharField', maxLength: 128 },
    { name: 'last_login', type: 'DateTimeField', null: after >= 5 },
    { name: 'is_superuser', type: 'BooleanField' },
    { name: 'username', type: 'CharField', maxLength: after < 8 ? 30 : 150, unique: true },
    { name: 'first_name', type: 'CharField', maxLength: after < 12 ? 30 : 150 },
    { name: 'last_name', type: 'CharField', maxLength: after < 9 ? 30 : 150 },
    { name: 'email', type: 'EmailField', maxLength: after < 3 ? 75 : 254 },
    { name: 'is_staff', type: 'BooleanField' },
    { name: 'is_active', type: 'BooleanField' },
    { name: 'date_joined', type: 'DateTimeField' },
  ],
});

/** A join table of `from` (`auth_user`, column `user_id`) and `to`, with Django's key for such tables. */
const join = (name: string, from: string, to: string): TableDefinition => ({
  name,
  columns: [
    { name: 'id', type: 'BigAutoField', primaryKey: true },
    { name: `${from}_id`, type: 'IntegerField', references: { table: `auth_${from}`, column: 'id' } },
    { name: `${to}_id`, type: 'IntegerField', references: { table: `auth_${to}`, column: 'id' } },
  ],
  uniqueTogether: [[`${from}_id`, `${to}_id`]],
});

export const groupPermissions = join('auth_group_permissions', 'group', 'permission');
export const userGroups = join('auth_user_groups', 'user', 'group');
export const userPermissions = join('auth_user_user_permissions', 'user', 'permission');
