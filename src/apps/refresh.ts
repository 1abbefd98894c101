import { characterCount } from '../auth/python-text.js';
import type { JsonObject } from '../crypto/signing/json-value.js';
import type { Connection } from '../db/connect/connection.js';
import { repeatableTransaction } from '../db/transactions/transaction.js';
import { timestampOf } from '../db/values/moments.js';
import { isUnicode } from '../db/values/values.js';
import { insertRow, selectRows } from '../db/write/rows.js';
import { CommandError } from '../errors.js';
import { findSessionUser } from '../sessions/store/users.js';
import { passwordClaim } from '../tokens/password-claim.js';
import { endOfTime, newTokenId, signPayload, TokenError, type TokenKeys, verifyToken } from '../tokens/token.js';
import type { AppTables, CredentialApp } from './define.js';
import { type FoundApps, findApps } from './find.js';

export interface RefreshOptions extends TokenKeys {
  readonly now?: Date | undefined;
  readonly leeway?: number | undefined;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  /** Seconds that access tokens are good for; 5 minutes by default. */
  readonly accessAge?: number | undefined;
  /** Seconds that refresh tokens are good for; a day by default. */
  readonly refreshAge?: number | undefined;
  /** Hands out a new refresh token, too (ROTATE_REFRESH_TOKENS). */
  readonly rotate?: boolean | undefined;
  /** Puts the old one on the blacklist then (BLACKLIST_AFTER_ROTATION). */
  readonly blacklistAfterRotation?: boolean | undefined;
  /** Refuses tokens that were made under another password (CHECK_REVOKE_TOKEN). */
  readonly checkPassword?: boolean | undefined;
  readonly apps?: readonly CredentialApp[] | undefined;
  /** What `findApps` has found: servers do not look each time. */
  readonly found?: FoundApps | undefined;
}

export interface RefreshedTokens {
  readonly access: string;
  /** With `rotate`. */
  readonly refresh?: string;
}

async function tablesOf(
  connection: Connection,
  { apps, found }: Pick<RefreshOptions, 'apps' | 'found'>,
): Promise<AppTables | undefined> {
  const { apps: all } = found ?? (await findApps(connection, apps));
  return all.find(({ label }) => label === 'token_blacklist')?.tables;
}

const refuse = (message: string, code: string, detail: string) =>
  new TokenError(message, { code, detail, hint: 'Log in again, which makes new ones.' });

/** The payload of an access token that has the claims of a refresh token (simplejwt 5.5 tokens.py, RefreshToken.access_token). */
export function accessPayload(
  refresh: JsonObject,
  { now, age }: { readonly now: Date; readonly age: number },
): JsonObject {
  const iat = Math.floor(now.getTime() / 1000);
  return { ...refresh, token_type: 'access', exp: iat + age, iat, jti: newTokenId() };
}

/** The name of a token as rows have it. @throws TokenError for one that no row can have. */
function tokenId({ jti }: JsonObject): string {
  const text = String(jti);
  if (isUnicode(text) && !text.includes('\0')) return text;
  throw unstorableError();
}

const unstorableError = () =>
  refuse('No row can have what the token says of itself.', 'token_invalid', 'Token is invalid');

async function hasEntry(tables: AppTables, connection: Connection, payload: JsonObject): Promise<boolean> {
  const jti = tokenId(payload);
  const [row] = await selectRows(connection, tables.model('OutstandingToken'), { jti }, { fields: ['id'] });
  if (row === undefined) return false;
  const where = { token: row.id ?? null };
  const [entry] = await selectRows(connection, tables.model('BlacklistedToken'), where, { fields: ['id'] });
  return entry !== undefined;
}

async function assertNotBlacklisted(...where: Parameters<typeof hasEntry>): Promise<void> {
  if (await hasEntry(...where)) throw blacklistedError();
}

const blacklistedError = () => refuse('The token is on the blacklist.', 'token_invalid', 'Token is blacklisted');

async function assertUsable(connection: Connection, payload: JsonObject, checkPassword: boolean): Promise<void> {
  const { user_id: id } = payload;
  if (id === undefined || id === null) return;
  const user = typeof id === 'object' ? undefined : await findSessionUser(connection, String(id));
  if (user === undefined || !user.active) {
    throw refuse(
      'No active account has this token.',
      'no_active_account',
      'No active account found for the given token.',
    );
  }
  if (checkPassword && payload.hash_password !== passwordClaim(user.password)) {
    throw refuse(
      'The password has changed since the token was made.',
      'token_invalid',
      "The user's password has been changed.",
    );
  }
}

/**
 * Hands out an access token for a refresh token, as simplejwt does (djangorestframework-simplejwt 5.5 serializers.py,
 * TokenRefreshSerializer): with the same claims, and where tokens rotate with a new refresh token, while the old one goes on the
 * blacklist in the same transaction, so that of two requests with one token only one is served.
 *
 * @throws CommandError of code `token_invalid`, `token_expired`, `token_not_yet_valid` or `no_active_account`.
 */
export async function refreshTokens(
  connection: Connection,
  token: string,
  options: RefreshOptions,
): Promise<RefreshedTokens> {
  const {
    now = new Date(),
    accessAge = 300,
    refreshAge = 86_400,
    rotate,
    blacklistAfterRotation,
    checkPassword,
  } = options;
  const payload = await verifyToken(token, { ...options, type: 'refresh' });
  const tables = await tablesOf(connection, options);
  const answer = { access: await signPayload(accessPayload(payload, { now, age: accessAge }), options) };
  const assertGood = async (place: Connection) => {
    if (tables !== undefined) await assertNotBlacklisted(tables, place, payload);
    await assertUsable(place, payload, checkPassword ?? false);
  };
  if (!rotate) {
    await assertGood(tables?.connection ?? connection);
    return answer;
  }
  const iat = Math.floor(now.getTime() / 1000);
  const next = { ...payload, exp: iat + refreshAge, iat, jti: newTokenId() };
  const refresh = await signPayload(next, options);
  return inOneGo(tables?.connection ?? connection, async (bound) => {
    await assertGood(bound);
    if (tables !== undefined) {
      if (blacklistAfterRotation) await enterBlacklist(tables, bound, token, payload, now);
      await enterOutstanding(tables, bound, refresh, next, now);
    }
    return { ...answer, refresh };
  });
}

/** A transaction that ends one token. Where two do that at once, the tables have room for the first one's rows alone. */
async function inOneGo<T>(connection: Connection, work: (bound: Connection) => Promise<T>): Promise<T> {
  try {
    return await repeatableTransaction(connection, work);
  } catch (error) {
    throw connection.dialect.isUniqueViolation(error) ? blacklistedError() : error;
  }
}

/** The row of a token among those that were handed out, which is made where it is missing. */
async function enterOutstanding(tables: AppTables, bound: Connection, token: string, payload: JsonObject, now: Date) {
  const model = tables.model('OutstandingToken');
  const [jti, exp, id] = [tokenId(payload), Number(payload.exp), payload.user_id];
  const [row] = await selectRows(bound, model, { jti }, { fields: ['id'] });
  if (row !== undefined) return row.id ?? null;
  const longest = model.fields.find(({ name }) => name === 'jti')?.maxLength ?? Number.POSITIVE_INFINITY;
  if (characterCount(jti) > longest || !(exp < endOfTime)) throw unstorableError();
  const user = id === undefined || id === null ? undefined : await findSessionUser(bound, String(id));
  const values = {
    user: user?.pk ?? null,
    jti,
    token,
    created_at: timestampOf(now),
    expires_at: timestampOf(new Date(exp * 1000)),
  };
  return insertRow(bound, model, values, { now });
}

async function enterBlacklist(tables: AppTables, bound: Connection, token: string, payload: JsonObject, now: Date) {
  const id = await enterOutstanding(tables, bound, token, payload, now);
  const model = tables.model('BlacklistedToken');
  await insertRow(bound, model, { token: id, blacklisted_at: timestampOf(now) }, { now });
}

/** Whether a token is on the blacklist, by what it says. */
export async function isBlacklisted(
  connection: Connection,
  payload: JsonObject,
  options: Pick<RefreshOptions, 'apps' | 'found'> = {},
): Promise<boolean> {
  const tables = await tablesOf(connection, options);
  return tables !== undefined && (await hasEntry(tables, tables.connection, payload));
}

/**
 * Puts a refresh token on the blacklist, as simplejwt's `token/blacklist/` does.
 *
 * @throws CommandError as {@link refreshTokens}, and of code `missing_app` where there is no blacklist.
 */
export async function blacklistToken(connection: Connection, token: string, options: RefreshOptions): Promise<void> {
  const { now = new Date() } = options;
  const payload = await verifyToken(token, { ...options, type: 'refresh' });
  const tables = await tablesOf(connection, options);
  if (tables === undefined) {
    throw new CommandError('This database has no blacklist of tokens.', {
      code: 'missing_app',
      hint: 'Run the migrations of the Django project, with rest_framework_simplejwt.token_blacklist among its apps.',
    });
  }
  await inOneGo(tables.connection, async (bound) => {
    await assertNotBlacklisted(tables, bound, payload);
    await enterBlacklist(tables, bound, token, payload, now);
  });
}
