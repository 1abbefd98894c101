import { createJwt } from '../apps/create.js';
import { type FoundApps, findApps } from '../apps/find.js';
import { accessPayload, blacklistToken, isBlacklisted, refreshTokens } from '../apps/refresh.js';
import { userModelOf } from '../auth/accounts/user-model.js';
import type { JsonObject } from '../crypto/signing/json-value.js';
import { CommandError } from '../errors.js';
import { decodeToken, signPayload, TokenError, verifyToken } from '../tokens/token.js';
import { requireTokenKeys } from '../tokens/token-keys.js';
import type { Answer } from './answer.js';
import { asRequestError, RequestError } from './errors.js';
import { readTexts } from './form-fields.js';
import { authenticateWith, touchLastLogin } from './login.js';
import { type RequestBody, readBody } from './request-body.js';
import type { AuthServer } from './server.js';
import { bearerChallenge } from './tokens.js';

/** A request for tokens, whatever framework it came through. */
export interface TokenRequest {
  readonly method: string;
  readonly contentType: string | undefined;
  body(): Promise<RequestBody>;
  /** The framework's own object, which backends and listeners are given. */
  readonly request: object;
}

/** The views of djangorestframework-simplejwt, by what they do. */
export const tokenViewNames = ['obtain', 'refresh', 'verify', 'blacklist'] as const;
export type TokenViewName = (typeof tokenViewNames)[number];
export type TokenView = (request: TokenRequest) => Promise<Answer>;

/** The same for each of the views. */
export function eachTokenView<T>(make: (name: TokenViewName) => T): Readonly<Record<TokenViewName, T>> {
  return { obtain: make('obtain'), refresh: make('refresh'), verify: make('verify'), blacklist: make('blacklist') };
}

/** A view that is refused, in a document of Django REST framework. */
class Refused extends Error {
  readonly status: number;
  readonly document: JsonObject;

  constructor(status: number, document: JsonObject) {
    super('refused');
    this.status = status;
    this.document = document;
  }
}

/**
 * What simplejwt's views answer: tokens for a name and a password, new ones for a refresh token, whether a token is good, and
 * its end (djangorestframework-simplejwt 5.5 views.py and serializers.py). How long tokens are good for, whether they rotate
 * and by what they are signed is said in the settings `tokens`.
 * It is long because it is one member for each view.
 */
export function createTokenViews(server: AuthServer): Readonly<Record<TokenViewName, TokenView>> {
  const { settings, pool, sessions } = server;
  const { tokens } = settings;
  const { username } = userModelOf(pool.read.registry);
  let looked: Promise<FoundApps> | undefined;
  const options = async () => {
    // The tables that there are do not change while a server runs.
    looked ??= findApps(pool.write, settings.credentialApps);
    const found = await looked.catch((error: unknown) => {
      looked = undefined;
      throw error;
    });
    return { ...tokens, ...requireTokenKeys(settings), found, now: sessions.now() };
  };

  const works = {
    obtain: async (texts, request) => {
      const [name = '', password = ''] = [texts[username.name], texts.password];
      const user = await authenticateWith(server, request, { [username.name]: name, password });
      if (user === undefined || !user.isActive) {
        throw new Refused(401, { detail: 'No active account found with the given credentials' });
      }
      const keys = await options();
      const owner = { id: String(user.pk), pk: user.pk, username: String(user), active: true, password: user.password };
      const { token } = await createJwt(pool.write, owner, {
        ...keys,
        type: 'refresh',
        age: tokens.refreshAge,
        bindPassword: tokens.checkPassword,
      });
      const payload = accessPayload(decodeToken(token).payload, { now: keys.now, age: tokens.accessAge });
      if (tokens.updateLastLogin) await touchLastLogin(server, user);
      return { refresh: token, access: await signPayload(payload, keys) };
    },
    refresh: async ({ refresh = '' }) => ({ ...(await refreshTokens(pool.write, refresh, await options())) }),
    verify: async ({ token = '' }) => {
      const keys = await options();
      const payload = await verifyToken(token, { ...keys, type: null });
      if (tokens.blacklistAfterRotation && (await isBlacklisted(pool.read, payload, keys))) {
        throw new Refused(400, { non_field_errors: ['Token is blacklisted'] });
      }
      return {};
    },
    blacklist: async ({ refresh = '' }) => {
      const keys = await options();
      await blacklistToken(pool.write, refresh, keys).catch((error: unknown) => {
        // simplejwt says so too where the app is not there.
        if (!(error instanceof CommandError) || error.code !== 'missing_app') throw error;
      });
      return {};
    },
  } satisfies Readonly<
    Record<TokenViewName, (texts: Readonly<Record<string, string>>, request: object) => Promise<JsonObject>>
  >;
  const fields: Readonly<Record<TokenViewName, readonly string[]>> = {
    obtain: [username.name, 'password'],
    refresh: ['refresh'],
    verify: ['token'],
    blacklist: ['refresh'],
  };

  return eachTokenView((name) => async ({ method, contentType, body, request }) => {
    try {
      if (method === 'OPTIONS') return { status: 204, headers, body: '' };
      if (method !== 'POST') throw new Refused(405, { detail: `Method "${method}" not allowed.` });
      const read = readTexts(await readBody(await body(), contentType), fields[name]);
      if ('problems' in read) throw new Refused(400, read.problems as JsonObject);
      return answer(200, await works[name](read.texts, request));
    } catch (error) {
      return failure(server, error);
    }
  });
}

const headers = { 'Content-Type': 'application/json', Vary: 'Accept', Allow: 'POST, OPTIONS' };

function answer(status: number, document: JsonObject, more: Answer['headers'] = {}): Answer {
  const challenge: Answer['headers'] = status === 401 ? { 'WWW-Authenticate': bearerChallenge } : {};
  return { status, headers: { ...headers, ...challenge, ...more }, body: JSON.stringify(document) };
}

function failure(server: AuthServer, error: unknown): Answer {
  if (error instanceof Refused) return answer(error.status, error.document);
  if (error instanceof TokenError) {
    // Errors of the account have no code of their own there.
    const isOfToken = error.detail.startsWith('Token ');
    return answer(401, { detail: error.detail, ...(isOfToken ? { code: 'token_not_valid' } : {}) });
  }
  const known = asRequestError(error);
  if (known instanceof RequestError && known.status < 500) return answer(known.status, { detail: known.message });
  server.report(error);
  return known instanceof RequestError
    ? answer(known.status, { detail: known.message }, known.headers)
    : answer(500, { detail: 'The server has failed.' });
}
