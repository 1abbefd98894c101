import { sessionAuthHash } from '../auth/accounts/tokens.js';
import type { User } from '../auth/backends/user.js';
import { equalTexts } from '../crypto/constant-time.js';
import type { LoadedSession } from './load-session.js';
import type { AuthServer } from './server.js';
import type { Session } from './session.js';

/** Django 5.2 contrib/auth/__init__.py. */
export const loginKeys = { user: '_auth_user_id', backend: '_auth_user_backend', hash: '_auth_user_hash' } as const;

/** The user whom a session names, where its backend is one of this server and lets that user in. */
export async function sessionUser(
  server: AuthServer,
  { members, userKey, user: ahead }: LoadedSession,
): Promise<User | undefined> {
  const [id, path] = [members.get(loginKeys.user), members.get(loginKeys.backend)];
  if ((typeof id !== 'string' && typeof id !== 'number') || typeof path !== 'string') return undefined;
  const backend = server.rights.backends.find(({ name }) => name === path);
  if (backend?.getUser === undefined) return undefined;
  const key = String(id);
  const user = key === userKey ? ahead : await server.rights.context.findUserByKey(key);
  return user === undefined ? undefined : backend.getUser(server.rights.context, user);
}

/** Which key the session's bond to the user's password was made with, and the bond with the current key. */
export function hashState(
  { settings: { secretKeyFallbacks }, authHash }: AuthServer,
  session: Session,
  user: User,
): { readonly verified: 'current' | 'fallback' | 'none'; readonly hash: string } {
  const hash = authHash(user.password);
  const kept = session.get(loginKeys.hash);
  if (typeof kept !== 'string' || kept === '') return { verified: 'none', hash };
  if (equalTexts(kept, hash)) return { verified: 'current', hash };
  const isOlder = secretKeyFallbacks.some((key) => equalTexts(kept, sessionAuthHash(user, { secretKey: key })));
  return { verified: isOlder ? 'fallback' : 'none', hash };
}
