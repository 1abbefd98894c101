/** `manage-auth/web`: logins, sessions and rights for servers, shared with Django. */
export { type Backend, type BackendContext, type Credentials, defineBackend } from '../auth/backends/backend.js';
export type { AnonymousUser, User, Visitor } from '../auth/backends/user.js';
export { stringifyJson } from '../crypto/signing/json.js';
export { getToken } from './csrf-check.js';
export { PermissionDenied, RequestError, SessionInterrupted } from './errors.js';
export type { AuthEvents } from './events.js';
export { type ForwardAuthOptions, forwardAuth } from './forward-auth.js';
export {
  csrfProtect,
  type Guard,
  type GuardOptions,
  loginRequired,
  loginRequiredMiddleware,
  permissionRequired,
  type Refusal,
  staffRequired,
  tokenRequired,
  userPassesTest,
} from './guards.js';
export {
  authenticate,
  getUser,
  type LoginOptions,
  login,
  logout,
  passwordProblems,
  rotateToken,
  setPassword,
  updateSessionAuthHash,
} from './login.js';
export { safeNext } from './safe-next.js';
export { isSafeRedirect, type SafeRedirectOptions } from './safe-redirect.js';
export { type AuthServer, type OpenAuthOptions, openAuth } from './server.js';
export type { Session } from './session.js';
export { type SignUp, signUp, signUpProblems } from './sign-up.js';
export type { RequestAuth } from './tokens.js';
