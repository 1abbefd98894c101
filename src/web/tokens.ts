import type { User } from '../auth/backends/user.js';
import { equalTexts } from '../crypto/constant-time.js';
import type { JsonObject } from '../crypto/signing/json-value.js';
import { CommandError } from '../errors.js';
import { findModel, storedField } from '../registry/define.js';
import { passwordClaim } from '../tokens/password-claim.js';
import { TokenError, verifyToken } from '../tokens/token.js';
import { tokenKeysOf } from '../tokens/token-keys.js';
import type { AuthServer } from './server.js';

/** By what a request without a session says whose it is. */
export interface RequestAuth {
  /** `jwt` for `Authorization: Bearer`, as of simplejwt; `token` for `Authorization: Token`, as of Django REST framework. */
  readonly kind: 'jwt' | 'token';
  readonly user: User;
  /** What a JSON Web Token says. */
  readonly claims?: JsonObject;
}

/** Why a token is not accepted, as simplejwt and Django REST framework say it. */
export interface TokenProblem {
  /** What `WWW-Authenticate` says. */
  readonly challenge: string;
  readonly document: JsonObject;
}

/** What says by which scheme tokens are shown (RFC 6750, section 3), in simplejwt's words. */
export const bearerChallenge = 'Bearer realm="api"';

const refused = (detail: string, more: JsonObject = {}): TokenProblem => ({
  challenge: bearerChallenge,
  document: { detail, ...more },
});
const refusedKey = (detail: string): TokenProblem => ({ challenge: 'Token', document: { detail } });

/**
 * Whose token an `Authorization` header has, or why it is not accepted; undefined for a header that has none. Refresh tokens
 * are no credentials for requests.
 */
export async function tokenAuth(server: AuthServer, header: string): Promise<RequestAuth | TokenProblem | undefined> {
  const [, scheme, rest = ''] = /^(Bearer|Token)(?: +(.*))?$/i.exec(header) ?? [];
  if (scheme === undefined) return undefined;
  const [token, ...more] = rest.split(/ +/).filter((part) => part !== '');
  if (scheme.toLowerCase() === 'token') {
    if (token === undefined) return refusedKey('Invalid token header. No credentials provided.');
    if (more.length > 0) return refusedKey('Invalid token header. Token string should not contain spaces.');
    return rowAuth(server, token);
  }
  if (token !== undefined && more.length === 0) return jwtAuth(server, token);
  return refused('Authorization header must contain two space-delimited values', { code: 'bad_authorization_header' });
}

/** Characters of a token that is looked at. */
const longest = 4096;

/** As simplejwt 5.5 authentication.py, JWTAuthentication. */
async function jwtAuth(server: AuthServer, token: string): Promise<RequestAuth | TokenProblem> {
  const { settings } = server;
  const { leeway, issuer, audience, checkPassword } = settings.tokens;
  let claims: JsonObject;
  try {
    if (token.length > longest) return notValid('Token is invalid');
    const keys = tokenKeysOf(settings);
    if (keys === undefined) return notValid('Token is invalid');
    claims = await verifyToken(token, { ...keys, now: server.sessions.now(), leeway, issuer, audience });
  } catch (error) {
    if (error instanceof TokenError) return notValid(error.detail);
    throw error;
  }
  if (claims.user_id === undefined) {
    return refused('Token contained no recognizable user identification', { code: 'token_not_valid' });
  }
  const user = await userOf(server, claims.user_id);
  if (user === undefined) return refused('User not found', { code: 'user_not_found' });
  if (!user.isActive) return refused('User is inactive', { code: 'user_inactive' });
  if (checkPassword && !isOfPassword(claims, user)) {
    return refused("The user's password has been changed.", { code: 'password_changed' });
  }
  return { kind: 'jwt', user, claims };
}

const notValid = (message: string) =>
  refused('Given token not valid for any token type', {
    code: 'token_not_valid',
    messages: [{ token_class: 'AccessToken', token_type: 'access', message }],
  });

function isOfPassword({ hash_password: claim }: JsonObject, { password }: User): boolean {
  return typeof claim === 'string' && equalTexts(claim, passwordClaim(password));
}

async function userOf({ rights: { context } }: AuthServer, id: unknown): Promise<User | undefined> {
  return typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint'
    ? context.findUserByKey(String(id))
    : undefined;
}

const tokenTable = 'authtoken_token';

/** A key of Django REST framework's own table, which need not be among the models (rest_framework/authtoken/models.py). */
async function rowAuth(server: AuthServer, key: string): Promise<RequestAuth | TokenProblem> {
  const { db, dialect, registry } = server.pool.read;
  const invalid = refusedKey('Invalid token.');
  if (!/^[0-9a-f]{40}$/.test(key)) return invalid;
  const table = findModel(registry, 'authtoken.token')?.table ?? tokenTable;
  try {
    const [row]: { user_id: unknown }[] = await db(table).where({ key }).select('user_id').limit(1);
    if (row === undefined) return invalid;
    const user = await userOf(server, dialect.read(storedField(registry, registry.userModel.primaryKey), row.user_id));
    return user?.isActive ? { kind: 'token', user } : refusedKey('User inactive or deleted.');
  } catch (error) {
    if (error instanceof CommandError && error.code === 'missing_table') return invalid;
    throw error;
  }
}
