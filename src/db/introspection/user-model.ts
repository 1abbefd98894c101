import type { AuthBlock, FieldDefinition, ModelDefinition } from '../../registry/types.js';

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
    ([, { type, unique, primaryKey, computed }]) =>
      !computed && unique === true && primaryKey !== true && type === 'CharField',
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

/** Names that Django's users give to moments that a new row has from the clock. */
const madeNow = /^(?:date_joined|joined(?:_at|_on)?|created(?:_at|_on)?|(?:updated|modified)(?:_at|_on)?)$/;

/** What Django gives a field of a new account, and a database does not know. */
function defaultOf(name: string, field: FieldDefinition, { activeField }: AuthBlock): FieldDefinition['default'] {
  if (field.computed || field.default !== undefined) return field.default;
  // SQLite says of a key that it may be NULL, where the statement does not say that it may not.
  if (field.type === 'UUIDField' && field.primaryKey === true) return { computed: 'uuid4' };
  if (field.null === true) return undefined;
  if (field.dbDefault === true) return undefined;
  if (field.type === 'BooleanField') return { value: name === activeField };
  if (field.type === 'DateTimeField' && madeNow.test(name)) return { computed: 'now' };
  return undefined;
}

/**
 * A model that was found, as one that holds accounts: with the defaults that Django has for them, and the natural key of
 * every such model (Django 5.2 contrib/auth/base_user.py, `natural_key`).
 */
export function asUserModel(model: ModelDefinition, auth: AuthBlock): ModelDefinition {
  const fields = Object.entries(model.fields).map(([name, field]): [string, FieldDefinition] => {
    const value = defaultOf(name, field, auth);
    return [name, value === undefined ? field : { ...field, default: value }];
  });
  return { naturalKey: [auth.usernameField], ...model, auth, fields: Object.fromEntries(fields) };
}
