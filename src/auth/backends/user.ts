import type { Row } from '../../db/write/rows.js';
import type { AuthBlock, Model } from '../../registry/types.js';
import { type Backend, type BackendContext, PermissionDenied } from './backend.js';
import type { AnonymousUser, User, Visitor } from './visitor.js';

export type { AnonymousUser, User, Visitor } from './visitor.js';

/** Who is asked about rights. */
export interface Rights {
  readonly backends: readonly Backend[];
  readonly context: BackendContext;
}

/** The rights of a user, asked for at most once each. */
class Permissions {
  readonly #rights: Rights;
  readonly #lists = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(rights: Rights) {
    this.#rights = rights;
  }

  list(user: User, kind: 'userPermissions' | 'groupPermissions', object?: unknown): Promise<ReadonlySet<string>> {
    const { backends, context } = this.#rights;
    const read = async () => {
      const names = new Set<string>();
      for (const backend of backends) {
        for (const name of (await backend[kind]?.(context, user, object)) ?? []) names.add(name);
      }
      return names;
    };
    if (object !== undefined) return read();
    const known = this.#lists.get(kind);
    if (known !== undefined) return known;
    const reading = read();
    this.#lists.set(kind, reading);
    // It may be asked again where the database did not answer.
    reading.catch(() => this.#lists.delete(kind));
    return reading;
  }

  async has(user: User, permission: string, object?: unknown): Promise<boolean> {
    if (user.isActive && user.isSuperuser) return true;
    const { backends, context } = this.#rights;
    try {
      for (const backend of backends) {
        if (await backend.hasPerm?.(context, user, permission, object)) return true;
      }
    } catch (error) {
      if (error instanceof PermissionDenied) return false;
      throw error;
    }
    if ((await this.list(user, 'userPermissions', object)).has(permission)) return true;
    return (await this.list(user, 'groupPermissions', object)).has(permission);
  }
}

function methodsOf(
  permissions: Permissions,
): Pick<
  Visitor,
  'hasPerm' | 'hasPerms' | 'hasModulePerms' | 'getAllPermissions' | 'getUserPermissions' | 'getGroupPermissions'
> &
  ThisType<User> {
  return {
    hasPerm(permission, object) {
      return permissions.has(this, permission, object);
    },
    async hasPerms(names, object) {
      for (const name of names) if (!(await permissions.has(this, name, object))) return false;
      return true;
    },
    async hasModulePerms(appLabel) {
      if (this.isActive && this.isSuperuser) return true;
      for (const name of await this.getAllPermissions()) if (name.slice(0, name.indexOf('.')) === appLabel) return true;
      return false;
    },
    async getAllPermissions(object) {
      return new Set([...(await this.getUserPermissions(object)), ...(await this.getGroupPermissions(object))]);
    },
    getUserPermissions(object) {
      return permissions.list(this, 'userPermissions', object);
    },
    getGroupPermissions(object) {
      return permissions.list(this, 'groupPermissions', object);
    },
  };
}

/** The object that requests have for a row of the user model. */
export function createUserObject(row: Row, model: Model, auth: AuthBlock, rights: Rights): User {
  const { [auth.passwordField]: password, ...fields } = row;
  const username = String(row[auth.usernameField] ?? '');
  const user = {
    ...fields,
    pk: row[model.primaryKey.name] ?? null,
    username: typeof fields.username === 'string' ? fields.username : username,
    isAuthenticated: true,
    isAnonymous: false,
    isActive: auth.activeField === undefined || row[auth.activeField] === true,
    isStaff: row.is_staff === true,
    isSuperuser: row.is_superuser === true,
  };
  return hidden(user, {
    ...methodsOf(new Permissions(rights)),
    password: String(password ?? ''),
    toString: () => username,
  }) as unknown as User;
}

/** Somebody who is not logged in. Backends are asked about the rights of such visitors too. */
export function createAnonymousUser(rights: Rights): AnonymousUser {
  const user = {
    pk: null,
    username: '',
    isAuthenticated: false,
    isAnonymous: true,
    isActive: false,
    isStaff: false,
    isSuperuser: false,
  };
  return hidden(user, {
    ...methodsOf(new Permissions(rights)),
    toString: () => 'AnonymousUser',
  }) as unknown as AnonymousUser;
}

/** Adds what is not to be found by those who list a user's properties. */
function hidden<T extends object>(target: T, properties: object): T {
  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
  }
  Object.defineProperty(target, 'backend', { value: undefined, writable: true, configurable: true, enumerable: false });
  return target;
}
