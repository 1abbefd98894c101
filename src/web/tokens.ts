import { createHash } from 'node:crypto';
import type { User } from '../auth/backends/user.js';
import { equalTexts } from '../crypto/constant-time.js';
import type { JsonObject } from '../crypto/signing/json-value.js';
import { CommandError } from '../errors.js';
import { findModel, storedField } from '../registry/define.js';
import { isKey } from '../sessions/store/users.js';
import type { Algorithm } from '../tokens/key-ring.js';
import { verifyToken } from '../tokens/token.js';
import type { AuthServer } from './server.js';

/** By what a request without a session says whose it is. */
export interface RequestAuth {
  /** `jwt` for `Authorization: Bearer`, as of simplejwt; `token` for `Authorization: Token`, as of Django REST framework. */
  readonly kind: 'jwt' | 'token';
  readonly user: User;
  /** What a JSON Web Token says. */
  readonly claims?: JsonObject;
}

/**
 * Whose token an `Authorization` header has; null for a token that is not accepted, undefined for a header that has none.
 * Refresh tokens are no credentials for requests.
 */
export async function tokenAuth(
  server: AuthServer,
  header: string | undefined,
): Promise<RequestAuth | null | undefined> {
  const [, scheme, token] = /^(Bearer|Token) +([\w.~+/=-]{1,4096}) *$/i.exec(header ?? '') ?? [];
  if (scheme === undefined || token === undefined) return undefined;
  const found = scheme.toLowerCase() === 'bearer' ? await jwtAuth(server, token) : await rowAuth(server, token);
  return found?.user.isActive ? found : null;
}

async function jwtAuth(server: AuthServer, token: string): Promise<RequestAuth | undefined> {
  const { tokens } = server.settings;
  const isSecret = tokens.algorithm.startsWith('HS');
  if (tokens.keys.length === 0 && !isSecret) return undefined;
  try {
    const claims = await verifyToken(token, {
      // The settings are checked where they are read.
      algorithm: tokens.algorithm as Algorithm,
      keys: tokens.keys.length > 0 ? tokens.keys : server.secretKey,
      now: server.sessions.now(),
      leeway: tokens.leeway,
      issuer: tokens.issuer,
      audience: tokens.audience,
    });
    const user = await userOf(server, claims.user_id);
    const isBound = !tokens.checkPassword || (user !== undefined && isOfPassword(claims, user));
    return user === undefined || !isBound ? undefined : { kind: 'jwt', user, claims };
  } catch (error) {
    if (error instanceof CommandError && error.code.startsWith('token_')) return undefined;
    throw error;
  }
}

/** simplejwt 5.5, utils.get_md5_hash_password. */
function isOfPassword({ hash_password: claim }: JsonObject, { password }: User): boolean {
  const digest = createHash('md5').update(password).digest('hex').toUpperCase();
  return typeof claim === 'string' && equalTexts(claim, digest);
}

async function userOf({ pool, rights }: AuthServer, id: unknown): Promise<User | undefined> {
  const { registry } = pool.read;
  const { primaryKey } = registry.userModel;
  const text = typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint' ? String(id) : '';
  return isKey(storedField(registry, primaryKey), text)
    ? rights.context.findUser({ [primaryKey.name]: text })
    : undefined;
}

const tokenTable = 'authtoken_token';

/** A key of Django REST framework's own table, which need not be among the models (rest_framework/authtoken/models.py). */
async function rowAuth(server: AuthServer, key: string): Promise<RequestAuth | undefined> {
  const { db, dialect, registry } = server.pool.read;
  if (!/^[0-9a-f]{40}$/.test(key)) return undefined;
  const table = findModel(registry, 'authtoken.token')?.table ?? tokenTable;
  try {
    const [row]: { user_id: unknown }[] = await db(table).where({ key }).select('user_id').limit(1);
    const user =
      row === undefined
        ? undefined
        : await userOf(server, dialect.read(storedField(registry, registry.userModel.primaryKey), row.user_id));
    return user === undefined ? undefined : { kind: 'token', user };
  } catch (error) {
    if (error instanceof CommandError && error.code === 'missing_table') return undefined;
    throw error;
  }
}
