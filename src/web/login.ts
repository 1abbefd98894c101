import { sessionAuthHash } from '../auth/accounts/tokens.js';
import { userModelOf } from '../auth/accounts/user-model.js';
import { storePasswordHash } from '../auth/accounts/users.js';
import { type Credentials, PermissionDenied } from '../auth/backends/backend.js';
import { createAnonymousUser, type User, type Visitor } from '../auth/backends/user.js';
import { validatePassword } from '../auth/passwords/validators.js';
import { equalTexts } from '../crypto/constant-time.js';
import { timestampOf } from '../db/values/moments.js';
import { updateRow } from '../db/write/rows.js';
import { newSecret } from './csrf.js';
import { asRequestError } from './errors.js';
import { maskCredentials } from './events.js';
import { loginKeys } from './login-state.js';
import { contextOf } from './request-context.js';
import type { AuthServer } from './server.js';

/** A request that an adapter has seen, or, where there is none, the server itself. */
export type RequestOrServer = object;

/** The server of a request, and the request. */
export function serverOf(place: RequestOrServer): {
  readonly server: AuthServer;
  readonly request: object | undefined;
} {
  return 'pool' in place && 'rights' in place
    ? { server: place as AuthServer, request: undefined }
    : { server: contextOf(place).server, request: place };
}

/**
 * The user whom the credentials are of, by the first backend that knows; undefined where none does. An unknown name takes as
 * long as a wrong password, and credentials that are none, such as a body that nothing has parsed, are nobody's. Who is found is
 * not logged in yet: see {@link login}.
 *
 * @throws RequestError of status 503 where too many logins wait, or the database does not answer.
 */
export function authenticate(
  place: RequestOrServer,
  credentials: Credentials | null | undefined,
): Promise<User | undefined> {
  const { server, request } = serverOf(place);
  return authenticateWith(server, request, credentials);
}

/** {@link authenticate} for a request that no adapter need have seen. */
export async function authenticateWith(
  server: AuthServer,
  request: object | undefined,
  given: Credentials | null | undefined,
): Promise<User | undefined> {
  const credentials = typeof given === 'object' && given !== null ? given : {};
  const { backends, context } = server.rights;
  try {
    for (const backend of backends) {
      const user = await backend.authenticate?.(context, credentials, request);
      if (user === undefined) continue;
      user.backend = backend.name;
      return user;
    }
  } catch (error) {
    if (!(error instanceof PermissionDenied)) throw asRequestError(error);
  }
  await server.emit('userLoginFailed', { request, credentials: maskCredentials(credentials) });
  return undefined;
}

export interface LoginOptions {
  /** Name of the backend that knows the user; by default the one that has found it, or the only one there is. */
  readonly backend?: string;
}

/**
 * Logs the user in (Django 5.2 contrib/auth/__init__.py, login): data of the anonymous session is kept under a new key, a
 * session of somebody else ends, the CSRF secret is another one, and `last_login` is written.
 */
export async function login(request: object, user: User, { backend }: LoginOptions = {}): Promise<void> {
  const context = contextOf(request);
  const { server, session } = context;
  const hash = sessionAuthHash(user, server);
  const known = session.get(loginKeys.user);
  if (known === undefined) {
    session.cycleKey();
  } else {
    const bond = session.get(loginKeys.hash);
    const isSame = String(known) === String(user.pk) && typeof bond === 'string' && equalTexts(bond, hash);
    if (!isSame) await session.flush().catch(rethrow);
  }
  session.set(loginKeys.user, String(user.pk));
  session.set(loginKeys.backend, backend ?? user.backend ?? onlyBackend(server));
  session.set(loginKeys.hash, hash);
  context.user = user;
  rotateToken(request);
  await touchLastLogin(server, user).catch(rethrow);
  await server.emit('userLoggedIn', { request, user });
}

function onlyBackend({ rights: { backends } }: AuthServer): string {
  const [only, ...others] = backends;
  if (only !== undefined && others.length === 0) return only.name;
  throw new TypeError('There are several authentication backends: say which one knows the user.');
}

const rethrow = (error: unknown) => {
  throw asRequestError(error);
};

/** Writes that the user has logged in now. */
export async function touchLastLogin({ pool: { write }, sessions }: AuthServer, user: User): Promise<void> {
  const { model, auth } = userModelOf(write.registry);
  if (auth.lastLoginField === undefined) return;
  const lastLogin = timestampOf(sessions.now());
  await updateRow(write, model, user.pk, { [auth.lastLoginField]: lastLogin });
  Object.assign(user, { [auth.lastLoginField]: lastLogin });
}

/** Ends the visitor's session, whoever that is, at once and with all that is in it. */
export async function logout(request: object): Promise<void> {
  const context = contextOf(request);
  const { server, session, user } = context;
  await server.emit('userLoggedOut', { request, user: user.isAuthenticated ? (user as User) : null });
  await session.flush().catch(rethrow);
  context.user = createAnonymousUser(server.rights);
}

/** Who makes the request: `AnonymousUser` where nobody is logged in. */
export function getUser(request: object): Visitor {
  return contextOf(request).user;
}

/** Keeps this session of a user whose password was changed, under a new key; all others end with the change. */
export function updateSessionAuthHash(request: object, user: User): void {
  const { server, session, user: visitor } = contextOf(request);
  session.cycleKey();
  if (visitor.isAuthenticated && visitor.pk === user.pk) session.set(loginKeys.hash, sessionAuthHash(user, server));
}

/**
 * Django's sentences about what speaks against a password, by the validators of the settings; an empty array for a good one.
 * `user` has what is known of its owner.
 */
export function passwordProblems(
  place: RequestOrServer,
  password: string,
  user: { readonly [field: string]: unknown } = {},
): Promise<string[]> {
  const { settings, pool } = serverOf(place).server;
  return validatePassword(password, user, {
    validators: settings.passwordValidators,
    model: userModelOf(pool.read.registry).model,
    root: settings.root,
  });
}

/**
 * Gives a user a new password, or with null none that works. That ends all sessions of the user but this one, and makes reset
 * links worthless. It is not validated: see {@link passwordProblems}.
 */
export async function setPassword(place: RequestOrServer, user: User, password: string | null): Promise<void> {
  const { server, request } = serverOf(place);
  try {
    const encoded = await server.rights.context.passwords.make(password);
    await storePasswordHash(server.pool.write, user.pk, encoded);
    Object.assign(user, { password: encoded });
  } catch (error) {
    throw asRequestError(error);
  }
  if (request === undefined) return;
  const { user: visitor } = contextOf(request);
  if (visitor.isAuthenticated && visitor.pk === user.pk) updateSessionAuthHash(request, user);
}

/** A new CSRF secret for the visitor: forms that were opened before are not taken any more. */
export function rotateToken(request: object): void {
  const { csrf } = contextOf(request);
  csrf.secret = newSecret();
  csrf.renew = true;
}
