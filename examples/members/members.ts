import { defineApp } from 'manage-auth';

export const members = defineApp({
  label: 'members',
  models: {
    Member: {
      naturalKey: ['email'],
      fields: {
        id: { type: 'UUIDField', primaryKey: true, default: { computed: 'uuid4' } },
        password: { type: 'CharField', maxLength: 128 },
        last_login: { type: 'DateTimeField', null: true, blank: true },
        email: { type: 'EmailField', maxLength: 254, unique: true, verboseName: 'email address' },
        full_name: { type: 'CharField', maxLength: 200 },
        is_active: { type: 'BooleanField', default: { value: true } },
        is_superuser: { type: 'BooleanField', default: { value: false } },
      },
      manyToMany: {
        groups: { to: 'auth.group', blank: true },
        user_permissions: { to: 'auth.permission', blank: true },
      },
      auth: {
        usernameField: 'email',
        emailField: 'email',
        requiredFields: ['full_name'],
        passwordField: 'password',
        lastLoginField: 'last_login',
        activeField: 'is_active',
        superuserValues: { is_superuser: true },
        groups: 'groups',
        permissions: 'user_permissions',
      },
    },
  },
});
