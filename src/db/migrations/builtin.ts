import type { Migration } from './migration.js';

/** A migration that comes with this program. */
export interface BuiltinMigration {
  readonly app: string;
  readonly name: string;
  readonly dependencies: readonly string[];
  readonly load: () => Promise<{ readonly default: Migration }>;
}

/**
 * The migrations of Django 5.2's four apps. Their dependencies stand here as well as in their files (a test compares
 * them), so that a list of migrations costs no import of any.
 */
export const builtinMigrations: readonly BuiltinMigration[] = [
  {
    app: 'admin',
    name: '0001_initial',
    dependencies: ['userModel', 'contenttypes.__first__'],
    load: () => import('../../../migrations/admin/0001_initial.js'),
  },
  {
    app: 'admin',
    name: '0002_logentry_remove_auto_add',
    dependencies: ['admin.0001_initial'],
    load: () => import('../../../migrations/admin/0002_logentry_remove_auto_add.js'),
  },
  {
    app: 'admin',
    name: '0003_logentry_add_action_flag_choices',
    dependencies: ['admin.0002_logentry_remove_auto_add'],
    load: () => import('../../../migrations/admin/0003_logentry_add_action_flag_choices.js'),
  },
  {
    app: 'auth',
    name: '0001_initial',
    dependencies: ['contenttypes.__first__'],
    load: () => import('../../../migrations/auth/0001_initial.js'),
  },
  {
    app: 'auth',
    name: '0002_alter_permission_name_max_length',
    dependencies: ['auth.0001_initial'],
    load: () => import('../../../migrations/auth/0002_alter_permission_name_max_length.js'),
  },
  {
    app: 'auth',
    name: '0003_alter_user_email_max_length',
    dependencies: ['auth.0002_alter_permission_name_max_length'],
    load: () => import('../../../migrations/auth/0003_alter_user_email_max_length.js'),
  },
  {
    app: 'auth',
    name: '0004_alter_user_username_opts',
    dependencies: ['auth.0003_alter_user_email_max_length'],
    load: () => import('../../../migrations/auth/0004_alter_user_username_opts.js'),
  },
  {
    app: 'auth',
    name: '0005_alter_user_last_login_null',
    dependencies: ['auth.0004_alter_user_username_opts'],
    load: () => import('../../../migrations/auth/0005_alter_user_last_login_null.js'),
  },
  {
    app: 'auth',
    name: '0006_require_contenttypes_0002',
    dependencies: ['auth.0005_alter_user_last_login_null', 'contenttypes.0002_remove_content_type_name'],
    load: () => import('../../../migrations/auth/0006_require_contenttypes_0002.js'),
  },
  {
    app: 'auth',
    name: '0007_alter_validators_add_error_messages',
    dependencies: ['auth.0006_require_contenttypes_0002'],
    load: () => import('../../../migrations/auth/0007_alter_validators_add_error_messages.js'),
  },
  {
    app: 'auth',
    name: '0008_alter_user_username_max_length',
    dependencies: ['auth.0007_alter_validators_add_error_messages'],
    load: () => import('../../../migrations/auth/0008_alter_user_username_max_length.js'),
  },
  {
    app: 'auth',
    name: '0009_alter_user_last_name_max_length',
    dependencies: ['auth.0008_alter_user_username_max_length'],
    load: () => import('../../../migrations/auth/0009_alter_user_last_name_max_length.js'),
  },
  {
    app: 'auth',
    name: '0010_alter_group_name_max_length',
    dependencies: ['auth.0009_alter_user_last_name_max_length'],
    load: () => import('../../../migrations/auth/0010_alter_group_name_max_length.js'),
  },
  {
    app: 'auth',
    name: '0011_update_proxy_permissions',
    dependencies: ['auth.0010_alter_group_name_max_length', 'contenttypes.0002_remove_content_type_name'],
    load: () => import('../../../migrations/auth/0011_update_proxy_permissions.js'),
  },
  {
    app: 'auth',
    name: '0012_alter_user_first_name_max_length',
    dependencies: ['auth.0011_update_proxy_permissions'],
    load: () => import('../../../migrations/auth/0012_alter_user_first_name_max_length.js'),
  },
  {
    app: 'contenttypes',
    name: '0001_initial',
    dependencies: [],
    load: () => import('../../../migrations/contenttypes/0001_initial.js'),
  },
  {
    app: 'contenttypes',
    name: '0002_remove_content_type_name',
    dependencies: ['contenttypes.0001_initial'],
    load: () => import('../../../migrations/contenttypes/0002_remove_content_type_name.js'),
  },
  {
    app: 'sessions',
    name: '0001_initial',
    dependencies: [],
    load: () => import('../../../migrations/sessions/0001_initial.js'),
  },
];
