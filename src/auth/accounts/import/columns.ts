import { CommandError } from '../../../errors.js';
import type { Registry } from '../../../registry/types.js';
import { knownNames } from '../../../text.js';
import { userModelOf } from '../user-model.js';

/** What a column of an import can be besides a field of the user model. */
export const importKeys = ['password_hash', 'algorithm', 'salt', 'password', 'groups'] as const;

/** Names that other systems give to columns, in the form of {@link plain}. */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  username: ['user_name', 'login', 'user', 'user_login', 'localid', 'nickname', 'screen_name', 'uid'],
  email: ['e_mail', 'mail', 'email_address', 'user_email', 'emailaddress'],
  first_name: ['firstname', 'given_name', 'givenname', 'first'],
  last_name: ['lastname', 'family_name', 'familyname', 'surname', 'last', 'sn'],
  full_name: ['fullname', 'display_name', 'displayname', 'name'],
  password_hash: [
    'hash',
    'passwordhash',
    'password_digest',
    'encrypted_password',
    'user_pass',
    'hashed_password',
    'userpassword',
    'pw_hash',
    'credentials',
  ],
  salt: ['password_salt', 'passwordsalt'],
  algorithm: ['hash_algorithm', 'hashalgorithm', 'kind', 'password_algorithm'],
  groups: ['group', 'roles', 'role'],
  date_joined: ['created', 'created_at', 'createdat', 'joined', 'user_registered'],
  last_login: ['last_login_at', 'lastlogin', 'last_signed_in_at'],
  is_active: ['active', 'enabled'],
  is_staff: ['staff'],
  is_superuser: ['superuser', 'admin', 'is_admin'],
};

const plain = (name: string) =>
  name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s.-]+/g, '_');

/** Finds out what the columns of an import are. */
export interface ColumnMap {
  /** The field or key that a column is of; undefined for one that means nothing here. */
  targetOf(column: string): string | undefined;
  /** Columns that meant nothing. */
  readonly ignored: ReadonlySet<string>;
  /** There were columns, and all of them meant nothing: what stands for their names may be anything, even passwords. */
  areAllUnknown(): boolean;
  /** A column is of this field or key. */
  has(target: string): boolean;
}

/**
 * How columns are understood: as `given` says (`column` to field, an empty field for one that is left out), and else by their
 * names, or by what other systems call them.
 *
 * @throws CommandError where `given` names a field that there is not.
 */
export function mapColumns(registry: Registry, given: ReadonlyMap<string, string>): ColumnMap {
  const { model, auth, password } = userModelOf(registry);
  const fields = model.fields.filter(
    ({ name, primaryKey, type }) => name !== password.name && !(primaryKey && /AutoField$/.test(type)),
  );
  const relations = model.manyToMany.map(({ name }) => name).filter((name) => name !== auth.groups);
  const targets = new Set<string>([...fields.map(({ name }) => name), ...importKeys, 'pk']);
  for (const name of relations) targets.delete(name);
  for (const [column, target] of given) {
    if (target === '' || targets.has(target)) continue;
    throw new CommandError(`'${target}', the target of the column '${column}', is not a field of ${model.label}.`, {
      code: 'unknown_field',
      hint: knownNames(target, targets),
    });
  }
  const byName = new Map<string, string>();
  for (const [target, names] of Object.entries(synonyms)) {
    if (targets.has(target)) for (const name of names) if (!targets.has(name)) byName.set(name, target);
  }
  // `username` means the login, whatever the model calls it.
  if (!targets.has('username') && auth.usernameField !== 'email') byName.set('username', auth.usernameField);
  const ignored = new Set<string>();
  const known = new Map<string, string | undefined>();
  return {
    ignored,
    areAllUnknown: () => ignored.size > 0 && ignored.size === known.size,
    has: (target) => [...known.values()].includes(target),
    targetOf(column) {
      if (known.has(column)) return known.get(column);
      const name = plain(column);
      const isTarget = (text: string) => targets.has(text) && text !== 'pk';
      const target = given.has(column)
        ? given.get(column) || undefined
        : isTarget(column)
          ? column
          : isTarget(name)
            ? name
            : byName.get(name);
      if (target === undefined && given.get(column) !== '') ignored.add(column);
      known.set(column, target);
      return target;
    },
  };
}
