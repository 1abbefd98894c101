import type { Row } from '../../db/write/rows.js';
import type { AuthBlock, Model } from '../../registry/types.js';
import { type Backend, type BackendContext, PermissionDenied } from './backend.js';
import type { AnonymousUser, User } from './visitor.js';

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

/** What all visitors have, so that it is in no list of their own properties. */
abstract class SiteVisitor {
  readonly #rights: Rights;
  #known: Permissions | undefined;
  /** Name of the backend that has logged the user in. */
  #backend: string | undefined;

  constructor(rights: Rights) {
    this.#rights = rights;
  }

  get #permissions(): Permissions {
    this.#known ??= new Permissions(this.#rights);
    return this.#known;
  }

  get backend(): string | undefined {
    return this.#backend;
  }

  set backend(name: string | undefined) {
    this.#backend = name;
  }

  hasPerm(permission: string, object?: unknown): Promise<boolean> {
    return this.#permissions.has(this.#self, permission, object);
  }

  async hasPerms(permissions: Iterable<string>, object?: unknown): Promise<boolean> {
    for (const permission of permissions) if (!(await this.hasPerm(permission, object))) return false;
    return true;
  }

  async hasModulePerms(appLabel: string): Promise<boolean> {
    if (this.#self.isActive && this.#self.isSuperuser) return true;
    const names = await this.getAllPermissions();
    return [...names].some((name) => name.slice(0, name.indexOf('.')) === appLabel);
  }

  async getAllPermissions(object?: unknown): Promise<ReadonlySet<string>> {
    return new Set([...(await this.getUserPermissions(object)), ...(await this.getGroupPermissions(object))]);
  }

  getUserPermissions(object?: unknown): Promise<ReadonlySet<string>> {
    return this.#permissions.list(this.#self, 'userPermissions', object);
  }

  getGroupPermissions(object?: unknown): Promise<ReadonlySet<string>> {
    return this.#permissions.list(this.#self, 'groupPermissions', object);
  }

  /** With the fields that are added to it. */
  get #self(): User {
    return this as unknown as User;
  }
}

class SiteUser extends SiteVisitor {
  #password: string;
  readonly #name: string;

  constructor(rights: Rights, password: string, name: string) {
    super(rights);
    this.#password = password;
    this.#name = name;
  }

  get password(): string {
    return this.#password;
  }

  set password(encoded: string) {
    this.#password = encoded;
  }

  override toString(): string {
    return this.#name;
  }
}

class Anonymous extends SiteVisitor {
  readonly pk = null;
  readonly username = '';
  readonly isAuthenticated = false;
  readonly isAnonymous = true;
  readonly isActive = false;
  readonly isStaff = false;
  readonly isSuperuser = false;

  override toString(): string {
    return 'AnonymousUser';
  }
}

/** The object that requests have for a row of the user model. */
export function createUserObject(row: Row, model: Model, auth: AuthBlock, rights: Rights): User {
  const name = String(row[auth.usernameField] ?? '');
  const user = new SiteUser(rights, String(row[auth.passwordField] ?? ''), name);
  // One after the other and in one order, so that all users are alike for the engine.
  const values = user as unknown as Record<string, unknown>;
  for (const field of model.fields) {
    if (field.name !== auth.passwordField && row[field.name] !== undefined) values[field.name] = row[field.name];
  }
  values.pk = row[model.primaryKey.name] ?? null;
  if (typeof row.username !== 'string') values.username = name;
  values.isAuthenticated = true;
  values.isAnonymous = false;
  values.isActive = auth.activeField === undefined || row[auth.activeField] === true;
  values.isStaff = row.is_staff === true;
  values.isSuperuser = row.is_superuser === true;
  return user as unknown as User;
}

/** Somebody who is not logged in. Backends are asked about the rights of such visitors too. */
export function createAnonymousUser(rights: Rights): AnonymousUser {
  return new Anonymous(rights);
}
