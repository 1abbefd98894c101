import { defineApp } from './define.js';
import type { AppDefinition } from './types.js';

/** Django 5.2 contrib/admin/models.py. */
const admin = defineApp({
  label: 'admin',
  verboseName: 'Administration',
  defaultAutoField: 'AutoField',
  models: {
    LogEntry: {
      table: 'django_admin_log',
      personal: true,
      verboseName: 'log entry',
      verboseNamePlural: 'log entries',
      ordering: ['-action_time'],
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        action_time: { type: 'DateTimeField', default: { computed: 'now' }, verboseName: 'action time' },
        user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE', verboseName: 'user' },
        content_type: {
          type: 'ForeignKey',
          to: 'contenttypes.contenttype',
          onDelete: 'SET_NULL',
          null: true,
          blank: true,
          verboseName: 'content type',
        },
        object_id: { type: 'TextField', null: true, blank: true, verboseName: 'object id' },
        object_repr: { type: 'CharField', maxLength: 200, verboseName: 'object repr' },
        action_flag: { type: 'PositiveSmallIntegerField', verboseName: 'action flag' },
        change_message: { type: 'TextField', blank: true, default: { value: '' }, verboseName: 'change message' },
      },
    },
  },
});

/**
 * Join tables take their key from the project's DEFAULT_AUTO_FIELD rather than from the app's own, and that is
 * `BigAutoField` in Django's project template (Django 5.2 db/migrations/state.py, AppConfigStub).
 */
const joinTable = { autoField: 'BigAutoField', blank: true } as const;

/** Django 5.2 contrib/auth/models.py. */
const auth = defineApp({
  label: 'auth',
  verboseName: 'Authentication and Authorization',
  defaultAutoField: 'AutoField',
  models: {
    Permission: {
      verboseName: 'permission',
      ordering: ['content_type__app_label', 'content_type__model', 'codename'],
      naturalKey: ['codename', 'content_type__app_label', 'content_type__model'],
      naturalKeyDependencies: ['contenttypes.contenttype'],
      uniqueTogether: [['content_type', 'codename']],
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        name: { type: 'CharField', maxLength: 255, verboseName: 'name' },
        content_type: {
          type: 'ForeignKey',
          to: 'contenttypes.contenttype',
          onDelete: 'CASCADE',
          verboseName: 'content type',
        },
        codename: { type: 'CharField', maxLength: 100, verboseName: 'codename' },
      },
    },
    Group: {
      verboseName: 'group',
      naturalKey: ['name'],
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        name: { type: 'CharField', maxLength: 150, unique: true, verboseName: 'name' },
      },
      manyToMany: { permissions: { ...joinTable, to: 'auth.permission', verboseName: 'permissions' } },
    },
    User: {
      verboseName: 'user',
      naturalKey: ['username'],
      swappable: 'userModel',
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        password: { type: 'CharField', maxLength: 128, verboseName: 'password' },
        last_login: { type: 'DateTimeField', null: true, blank: true, verboseName: 'last login' },
        is_superuser: { type: 'BooleanField', default: { value: false }, verboseName: 'superuser status' },
        username: { type: 'CharField', maxLength: 150, unique: true, verboseName: 'username' },
        first_name: {
          type: 'CharField',
          maxLength: 150,
          blank: true,
          default: { value: '' },
          verboseName: 'first name',
        },
        last_name: { type: 'CharField', maxLength: 150, blank: true, default: { value: '' }, verboseName: 'last name' },
        email: {
          type: 'EmailField',
          maxLength: 254,
          blank: true,
          default: { value: '' },
          verboseName: 'email address',
        },
        is_staff: { type: 'BooleanField', default: { value: false }, verboseName: 'staff status' },
        is_active: { type: 'BooleanField', default: { value: true }, verboseName: 'active' },
        date_joined: { type: 'DateTimeField', default: { computed: 'now' }, verboseName: 'date joined' },
      },
      manyToMany: {
        groups: { ...joinTable, to: 'auth.group', verboseName: 'groups' },
        user_permissions: { ...joinTable, to: 'auth.permission', verboseName: 'user permissions' },
      },
      auth: {
        usernameField: 'username',
        emailField: 'email',
        requiredFields: ['email'],
        passwordField: 'password',
        lastLoginField: 'last_login',
        activeField: 'is_active',
        superuserValues: { is_staff: true, is_superuser: true },
        groups: 'groups',
        permissions: 'user_permissions',
      },
    },
  },
});

/** Django 5.2 contrib/contenttypes/models.py. */
const contenttypes = defineApp({
  label: 'contenttypes',
  verboseName: 'Content Types',
  defaultAutoField: 'AutoField',
  models: {
    ContentType: {
      table: 'django_content_type',
      verboseName: 'content type',
      naturalKey: ['app_label', 'model'],
      uniqueTogether: [['app_label', 'model']],
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        app_label: { type: 'CharField', maxLength: 100, verboseName: 'app label' },
        model: { type: 'CharField', maxLength: 100, verboseName: 'python model class name' },
      },
    },
  },
});

/** Django 5.2 contrib/sessions/base_session.py. */
const sessions = defineApp({
  label: 'sessions',
  verboseName: 'Sessions',
  models: {
    Session: {
      table: 'django_session',
      personal: true,
      verboseName: 'session',
      fields: {
        session_key: { type: 'CharField', maxLength: 40, primaryKey: true, secret: true, verboseName: 'session key' },
        session_data: { type: 'TextField', secret: true, verboseName: 'session data' },
        expire_date: { type: 'DateTimeField', dbIndex: true, verboseName: 'expire date' },
      },
    },
  },
});

/** The four apps of Django that this project is about, in the order of `INSTALLED_APPS` in Django's template. */
export const coreApps: readonly AppDefinition[] = [admin, auth, contenttypes, sessions];
