import { userModelOf } from '../accounts/user-model.js';
import { replacePassword } from '../accounts/users.js';
import { groupPermissionNames, userPermissionNames } from '../permissions/names.js';
import type { Backend, BackendContext, Credentials } from './backend.js';
import type { User } from './user.js';

/**
 * Names and passwords in the table of users (Django 5.2 contrib/auth/backends.py, ModelBackend). An unknown name takes as
 * long as a wrong password; an outdated hash is made anew.
 */
function modelBackend(name: string, { inactive }: { readonly inactive: boolean }): Backend {
  const mayLogIn = (user: User) => inactive || user.isActive;
  return {
    name,
    async authenticate(context, credentials) {
      const { auth } = userModelOf(context.pool.read.registry);
      const username = textOf(credentials, 'username') ?? textOf(credentials, auth.usernameField);
      const password = textOf(credentials, 'password');
      if (username === undefined || password === undefined) return undefined;
      const user = username.includes('\0') ? undefined : await context.findUser(username);
      const isRight = await context.passwords.check(password, user?.password ?? null);
      if (user === undefined || !isRight || !mayLogIn(user)) return undefined;
      return context.passwords.isOutdated(user.password) ? upgrade(context, user, password) : user;
    },
    getUser: (_, user) => (mayLogIn(user) ? user : undefined),
    async userPermissions({ pool }, user, object) {
      return mayHavePermissions(user, object) ? userPermissionNames(pool.read, user) : [];
    },
    async groupPermissions({ pool }, user, object) {
      return mayHavePermissions(user, object) ? groupPermissionNames(pool.read, user) : [];
    },
  };
}

const mayHavePermissions = (user: User, object: unknown) =>
  user.isAuthenticated && user.isActive && object === undefined;

/** As text: what is no text is no name and no password. */
function textOf(credentials: Credentials, name: string): string | undefined {
  const value = Object.hasOwn(credentials, name) ? credentials[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

async function upgrade({ pool, passwords, findUserByKey }: BackendContext, user: User, password: string) {
  const encoded = await passwords.make(password);
  await replacePassword(pool.write, user.pk, user.password, encoded);
  // Somebody may have changed the password in the meantime: sessions are bound to what is stored.
  return findUserByKey(user.pk);
}

/** The backends that Django brings, by their Python paths. */
export const djangoBackends: readonly Backend[] = [
  modelBackend('django.contrib.auth.backends.ModelBackend', { inactive: false }),
  modelBackend('django.contrib.auth.backends.AllowAllUsersModelBackend', { inactive: true }),
];
