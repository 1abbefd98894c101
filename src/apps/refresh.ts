import { createHash } from 'node:crypto';
import type { JsonObject } from '../crypto/signing/json-value.js';
import type { Connection } from '../db/connect/connection.js';
import { transaction } from '../db/transactions/transaction.js';
import { timestampOf } from '../db/values/moments.js';
import { insertRow, selectRows } from '../db/write/rows.js';
import { CommandError } from '../errors.js';
import { findSessionUser } from '../sessions/store/users.js';
import { newTokenId, signPayload, type TokenKeys, verifyToken } from '../tokens/token.js';
import type { AppTables, CredentialApp } from './define.js';
import { findApps } from './find.js';

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
}

export interface RefreshedTokens {
  readonly access: string;
  /** With `rotate`. */
  readonly refresh?: string;
}

async function tablesOf(connection: Connection, apps: RefreshOptions['apps']): Promise<AppTables | undefined> {
  const found = await findApps(connection, apps);
  return found.apps.find(({ label }) => label === 'token_blacklist')?.tables;
}

const refuse = (message: string, code: string) =>
  new CommandError(message, { code, hint: 'Log in again, which makes new ones.' });

async function assertNotBlacklisted(tables: AppTables, connection: Connection, { jti }: JsonObject): Promise<void> {
  const [row] = await selectRows(
    connection,
    tables.model('OutstandingToken'),
    { jti: String(jti) },
    { fields: ['id'] },
  );
  if (row === undefined) return;
  const where = { token: row.id ?? null };
  const [entry] = await selectRows(connection, tables.model('BlacklistedToken'), where, { fields: ['id'] });
  if (entry !== undefined) throw refuse('The token is on the blacklist.', 'token_invalid');
}

async function assertUsable(connection: Connection, payload: JsonObject, checkPassword: boolean): Promise<void> {
  if (payload.user_id === undefined || payload.user_id === null) return;
  const user = await findSessionUser(connection, String(payload.user_id));
  if (user === undefined || !user.active) throw refuse('No active account has this token.', 'no_active_account');
  const hash = createHash('md5').update(user.password).digest('hex').toUpperCase();
  if (checkPassword && payload.hash_password !== hash) {
    throw refuse('The password has changed since the token was made.', 'token_invalid');
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
  const tables = await tablesOf(connection, options.apps);
  const iat = Math.floor(now.getTime() / 1000);
  const access = { ...payload, token_type: 'access', exp: iat + accessAge, iat, jti: newTokenId() };
  const answer = { access: await signPayload(access, options) };
  const next = { ...payload, exp: iat + refreshAge, iat, jti: newTokenId() };
  const refresh = rotate ? await signPayload(next, options) : undefined;
  return transaction(tables?.connection ?? connection, async (bound) => {
    if (tables !== undefined) await assertNotBlacklisted(tables, bound, payload);
    await assertUsable(bound, payload, checkPassword ?? false);
    if (refresh === undefined) return answer;
    if (tables !== undefined) {
      if (blacklistAfterRotation) await enterBlacklist(tables, bound, token, payload, now);
      await enterOutstanding(tables, bound, refresh, next, now);
    }
    return { ...answer, refresh };
  });
}

/** The row of a token among those that were handed out, which is made where it is missing. */
async function enterOutstanding(
  tables: AppTables,
  bound: Connection,
  token: string,
  { jti, exp, user_id: id }: JsonObject,
  now: Date,
) {
  const model = tables.model('OutstandingToken');
  const [row] = await selectRows(bound, model, { jti: String(jti) }, { fields: ['id'] });
  if (row !== undefined) return row.id ?? null;
  const user = id === undefined || id === null ? undefined : await findSessionUser(bound, String(id));
  const values = {
    user: user?.pk ?? null,
    jti: String(jti),
    token,
    created_at: timestampOf(now),
    expires_at: timestampOf(new Date(Number(exp) * 1000)),
  };
  return insertRow(bound, model, values, { now });
}

async function enterBlacklist(tables: AppTables, bound: Connection, token: string, payload: JsonObject, now: Date) {
  const id = await enterOutstanding(tables, bound, token, payload, now);
  const model = tables.model('BlacklistedToken');
  const [entry] = await selectRows(bound, model, { token: id }, { fields: ['id'] });
  if (entry === undefined) await insertRow(bound, model, { token: id, blacklisted_at: timestampOf(now) }, { now });
}

/**
 * Puts a refresh token on the blacklist, as simplejwt's `token/blacklist/` does.
 *
 * @throws CommandError as {@link refreshTokens}, and of code `missing_app` where there is no blacklist.
 */
export async function blacklistToken(connection: Connection, token: string, options: RefreshOptions): Promise<void> {
  const { now = new Date() } = options;
  const payload = await verifyToken(token, { ...options, type: 'refresh' });
  const tables = await tablesOf(connection, options.apps);
  if (tables === undefined) {
    throw new CommandError('This database has no blacklist of tokens.', {
      code: 'missing_app',
      hint: 'Run the migrations of the Django project, with rest_framework_simplejwt.token_blacklist among its apps.',
    });
  }
  await transaction(tables.connection, async (bound) => {
    await assertNotBlacklisted(tables, bound, payload);
    await enterBlacklist(tables, bound, token, payload, now);
  });
}
