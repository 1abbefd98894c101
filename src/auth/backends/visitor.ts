import type { Value } from '../../db/dialect/dialect.js';

/** What requests ask of users, be they logged in or not. */
export interface Visitor {
  /** Null for who is not logged in. */
  readonly pk: Value;
  readonly username: string;
  readonly isAuthenticated: boolean;
  readonly isAnonymous: boolean;
  readonly isActive: boolean;
  readonly isStaff: boolean;
  readonly isSuperuser: boolean;
  /** Whether the user has the right `app.codename`, to `object` if one is given: an active superuser has all. */
  hasPerm(permission: string, object?: unknown): Promise<boolean>;
  /** Whether the user has all of these rights. */
  hasPerms(permissions: Iterable<string>, object?: unknown): Promise<boolean>;
  /** Whether the user has any right in the app. */
  hasModulePerms(appLabel: string): Promise<boolean>;
  /** Names of all rights, the user's own and those of groups. */
  getAllPermissions(object?: unknown): Promise<ReadonlySet<string>>;
  getUserPermissions(object?: unknown): Promise<ReadonlySet<string>>;
  getGroupPermissions(object?: unknown): Promise<ReadonlySet<string>>;
  /** The name that the user logs in with; `AnonymousUser`. */
  toString(): string;
}

/** A user, with the fields of the user model under Django's names (`first_name`, `is_staff`). What it may do is read once. */
export interface User extends Visitor {
  /** As it is stored. It is in no list of the user's properties, and so in no JSON. */
  readonly password: string;
  /** Name of the backend that has logged the user in. */
  backend?: string;
  readonly [field: string]: unknown;
}

/** Who is not logged in (Django 5.2 contrib/auth/models.py). */
export type AnonymousUser = Visitor & { readonly isAuthenticated: false };
