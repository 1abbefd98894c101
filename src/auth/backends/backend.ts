import type { Pool } from '../../db/connect/pool.js';
import type { Value } from '../../db/dialect/dialect.js';
import type { User } from './visitor.js';

/** What somebody brings along to be known by: `username` and `password`, or whatever a backend understands. */
export type Credentials = Readonly<Record<string, unknown>>;

/** What a backend works with. */
export interface BackendContext {
  readonly pool: Pool;
  readonly passwords: Passwords;
  readonly now: () => Date;
  /** The user with exactly this name, active or not. */
  findUser(username: Value): Promise<User | undefined>;
  /** The user with this key, active or not; a text is taken for what it is the text of. */
  findUserByKey(key: Value): Promise<User | undefined>;
  /**
   * The user with exactly this e-mail address, active or not.
   *
   * @throws CommandError of code `ambiguous_user` where several have it, and `no_such_field` where the model has none.
   */
  findUserByEmail(email: string): Promise<User | undefined>;
}

/** Passwords are hashed beside the program's own work, few at a time. */
export interface Passwords {
  /** Whether this is the password behind the hash; `null` takes as long, and is false. */
  check(password: string, encoded: string | null): Promise<boolean>;
  make(password: string | null): Promise<string>;
  /** Whether a hash is to be made anew at the next login. */
  isOutdated(encoded: string): boolean;
}

/**
 * Somebody who says who a visitor is and what users may do (Django 5.2 contrib/auth/backends.py, BaseBackend). Its name is
 * the Python path that sessions hold: a session of a backend that the settings do not name is nobody's.
 */
export interface Backend {
  readonly name: string;
  /**
   * The user whom the credentials are of; undefined where it does not know.
   *
   * @throws PermissionDenied to refuse it, whatever the backends after it would say.
   */
  authenticate?(context: BackendContext, credentials: Credentials, request?: object): Promise<User | undefined>;
  /** The user of a session; undefined for one who may not log in any more. */
  getUser?(context: BackendContext, user: User): Promise<User | undefined> | User | undefined;
  /**
   * Names of the rights, `app.codename`, that a user has of his own; none where `object` is given, unless the backend
   * knows rights to single objects.
   */
  userPermissions?(context: BackendContext, user: User, object?: unknown): Promise<Iterable<string>>;
  /** As {@link userPermissions}, through groups. */
  groupPermissions?(context: BackendContext, user: User, object?: unknown): Promise<Iterable<string>>;
  /**
   * Whether the user has the right, for backends that cannot list them.
   *
   * @throws PermissionDenied where the user has not, whatever the backends after it would say.
   */
  hasPerm?(context: BackendContext, user: User, permission: string, object?: unknown): Promise<boolean>;
}

/** Thrown by a backend: nobody after it is asked. */
export class PermissionDenied extends Error {
  override name = 'PermissionDenied';
}

/** Declares a backend of a project's own; it exists for the types. */
export function defineBackend<T extends Backend>(backend: T): T {
  return backend;
}
