import type { AuthBlock, ModelDefinition } from '../../registry/types.js';

/** The table that holds accounts: what the admin's log refers to, Django's own, or the one with passwords. */
export function findUserTable(
  models: ReadonlyMap<string, ModelDefinition>,
  references: readonly { readonly from: string; readonly column: string; readonly to: string }[],
): string | undefined {
  const logged = references.find(({ from, column }) => from === 'django_admin_log' && column === 'user_id')?.to;
  if (logged !== undefined) return logged;
  if (models.has('auth_user')) return 'auth_user';
  const withPassword = [...models].filter(([, { fields }]) => 'password' in fields && 'last_login' in fields);
  return withPassword.length === 1 ? withPassword[0]?.[0] : undefined;
}

/** How accounts are kept in a model, by the names that Django and its users give to such fields. */
export function authBlockOf({ fields, manyToMany = {} }: ModelDefinition): AuthBlock | undefined {
  if (fields.password === undefined) return undefined;
  const has = (name: string) => fields[name] !== undefined;
  const uniqueTexts = Object.entries(fields).filter(
    ([, { type, unique, primaryKey }]) => unique === true && primaryKey !== true && type === 'CharField',
  );
  const usernameField = ['username', 'email'].find((name) => uniqueTexts.some(([each]) => each === name));
  const chosen = usernameField ?? uniqueTexts[0]?.[0];
  if (chosen === undefined) return undefined;
  const relationTo = (label: string) => Object.entries(manyToMany).find(([, { to }]) => to === label)?.[0];
  const groups = relationTo('auth.group');
  const permissions = relationTo('auth.permission');
  const flags = ['is_staff', 'is_superuser'].filter(has);
  return {
    usernameField: chosen,
    ...(has('email') ? { emailField: 'email' } : {}),
    requiredFields: has('email') && chosen !== 'email' ? ['email'] : [],
    passwordField: 'password',
    ...(has('last_login') ? { lastLoginField: 'last_login' } : {}),
    ...(has('is_active') ? { activeField: 'is_active' } : {}),
    superuserValues: Object.fromEntries(flags.map((flag) => [flag, true])),
    ...(groups === undefined ? {} : { groups }),
    ...(permissions === undefined ? {} : { permissions }),
  };
}
