import { randomUUID } from 'node:crypto';
import { decodeBase64Url } from '../crypto/base64url.js';
import { parseJson, stringifyJson } from '../crypto/signing/json.js';
import type { Json, JsonObject } from '../crypto/signing/json-value.js';
import { CommandError, type CommandErrorOptions } from '../errors.js';
import { type Algorithm, type Keys, openKeyRing, type RingKey } from './key-ring.js';

/** Kinds of tokens that simplejwt has. */
export type TokenType = 'access' | 'refresh' | 'sliding';

export type Claims = Readonly<Record<string, Json>>;

export interface TokenKeys {
  /** From the settings, never from a token. */
  readonly algorithm: Algorithm;
  readonly keys: Keys;
}

export interface CreateTokenOptions extends TokenKeys {
  readonly type?: TokenType | undefined;
  /** Seconds that it is good for; simplejwt's 5 minutes, and a day for refresh tokens, by default. */
  readonly age?: number | undefined;
  readonly now?: Date | undefined;
  readonly issuer?: string | undefined;
  readonly audience?: string | readonly string[] | undefined;
}

export interface VerifyTokenOptions extends TokenKeys {
  /** The type that it must have; `null` takes any. `access` by default. */
  readonly type?: TokenType | null | undefined;
  readonly now?: Date | undefined;
  /** Seconds by which clocks may differ. */
  readonly leeway?: number | undefined;
  readonly issuer?: string | undefined;
  readonly audience?: string | readonly string[] | undefined;
}

/** What a token says, whoever signed it. */
export interface DecodedToken {
  readonly header: JsonObject;
  readonly payload: JsonObject;
}

export const defaultAges: Readonly<Record<TokenType, number>> = { access: 300, refresh: 86_400, sliding: 300 };

/** A new name for a token, as simplejwt makes them. */
export const newTokenId = (): string => randomUUID().replaceAll('-', '');

const seconds = (moment: Date) => Math.floor(moment.getTime() / 1000);

/**
 * Makes a JSON Web Token as simplejwt makes them (djangorestframework-simplejwt 5.5, tokens.py): its claims stand behind
 * `token_type`, `exp`, `iat` and `jti`, which `claims` may replace, and `user_id` is written as text.
 *
 * @throws CommandError of code `bad_key` where the first key cannot sign.
 */
export async function createToken(claims: Claims, options: CreateTokenOptions): Promise<string> {
  const { type = 'access', age = defaultAges[type], now = new Date(), issuer, audience } = options;
  const iat = seconds(now);
  const { user_id: user, ...others } = claims;
  const payload: JsonObject = {
    token_type: type,
    exp: iat + age,
    iat,
    jti: newTokenId(),
    ...(user === undefined || user === null ? {} : { user_id: String(user) }),
    ...others,
    ...(audience === undefined ? {} : { aud: typeof audience === 'string' ? audience : [...audience] }),
    ...(issuer === undefined ? {} : { iss: issuer }),
  };
  return signPayload(payload, options);
}

/** Signs a payload as it is, with the first key. */
export async function signPayload(payload: JsonObject, { algorithm, keys }: TokenKeys): Promise<string> {
  const [first] = openKeyRing(algorithm, keys);
  if (first?.signs === undefined) {
    throw new CommandError('The first key of the ring is public, and cannot sign tokens.', {
      code: 'bad_key',
      hint: 'Put a private key first.',
    });
  }
  const { CompactSign } = await import('jose');
  return new CompactSign(Buffer.from(stringifyJson(payload)))
    .setProtectedHeader({ alg: algorithm, ...(first.kid === undefined ? {} : { kid: first.kid }), typ: 'JWT' })
    .sign(first.signs);
}

/** A token that is refused: code `token_invalid`, `token_expired` or `token_not_yet_valid`. */
export class TokenError extends CommandError {
  override name = 'TokenError';
  /** Why, in the words of djangorestframework-simplejwt 5.5, for the answers of servers. */
  readonly detail: string;

  constructor(message: string, { detail = 'Token is invalid', ...options }: CommandErrorOptions & { detail?: string }) {
    super(message, options);
    this.detail = detail;
  }
}

const invalid = (message: string, { cause, detail }: { readonly cause?: unknown; readonly detail?: string } = {}) =>
  new TokenError(message, {
    code: 'token_invalid',
    hint: 'Get a new one from its issuer.',
    ...(cause === undefined ? {} : { cause }),
    ...(detail === undefined ? {} : { detail }),
  });

/**
 * Reads a token without verifying anything.
 *
 * @throws CommandError of code `token_invalid` for what is none.
 */
export function decodeToken(token: string): DecodedToken {
  // A text of millions of dots makes no millions of parts.
  const [header, payload, signature, more] = token.split('.', 4);
  if (header === undefined || payload === undefined || signature === undefined || more !== undefined) {
    throw invalid('This is not a JSON Web Token: it does not have three parts.');
  }
  return { header: objectIn(header), payload: objectIn(payload) };
}

function objectIn(part: string): JsonObject {
  let value: Json;
  try {
    value = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(decodeBase64Url(part)));
  } catch (cause) {
    throw invalid('This is not a JSON Web Token: a part is not JSON in base64.', { cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw invalid('This is not a JSON Web Token: a part is not an object.');
}

/**
 * Resolves with what a token says, once all of it holds that simplejwt asks for: a signature of one of the keys with the
 * algorithm of the settings, `exp`, `nbf` and `iat`, `jti`, `token_type`, and `aud` and `iss` where they are given.
 *
 * @throws CommandError of code `token_invalid`, `token_expired` or `token_not_yet_valid`; `bad_key` where the ring is at fault.
 */
export async function verifyToken(token: string, options: VerifyTokenOptions): Promise<JsonObject> {
  const ring = openKeyRing(options.algorithm, options.keys);
  const { header } = decodeToken(token);
  await assertSigned(token, header, options.algorithm, ring);
  const { payload } = decodeToken(token);
  assertClaims(payload, options);
  return payload;
}

async function assertSigned(
  token: string,
  header: JsonObject,
  algorithm: Algorithm,
  ring: readonly RingKey[],
): Promise<void> {
  // As PyJWT 2.10 api_jws.py; a payload that is not encoded stands elsewhere.
  if (header.b64 === false) throw invalid('The token has its payload elsewhere.');
  if (header.kid !== undefined && typeof header.kid !== 'string') throw invalid("The token's 'kid' is not a text.");
  if (/\s/.test(token)) throw invalid('The token has blanks in it.');
  if (header.alg !== algorithm) throw invalid(`The token is not signed with ${algorithm}, which the settings ask for.`);
  if ((await signerAmong(token, header, algorithm, ring)) === null) {
    throw invalid('The token is signed with none of the keys.');
  }
}

/** The key that signed the token, by its place in the ring; null for none of them. */
export async function findSigner(token: string, { algorithm, keys }: TokenKeys): Promise<number | null> {
  const { header } = decodeToken(token);
  return header.alg === algorithm ? signerAmong(token, header, algorithm, openKeyRing(algorithm, keys)) : null;
}

async function signerAmong(
  token: string,
  { kid }: JsonObject,
  algorithm: Algorithm,
  ring: readonly RingKey[],
): Promise<number | null> {
  const { compactVerify } = await import('jose');
  // The key that it names is most likely the right one; its name says nothing else.
  const tried = [...ring.entries()].toSorted(([, a], [, b]) => Number(b.kid === kid) - Number(a.kid === kid));
  for (const [index, { verifies }] of tried) {
    const verified = await compactVerify(token, verifies, { algorithms: [algorithm] }).catch(() => undefined);
    if (verified !== undefined) return index;
  }
  return null;
}

/** First second after the year 9999, which neither Python nor any column has. */
export const endOfTime = 253_402_300_800;

/** What PyJWT and simplejwt ask of the claims (PyJWT 2.10 api_jwt.py; simplejwt 5.5 tokens.py, Token.verify). */
function assertClaims(payload: JsonObject, options: VerifyTokenOptions): void {
  const { type = 'access', now = new Date(), leeway = 0 } = options;
  const time = seconds(now);
  const [exp, nbf, iat] = ['exp', 'nbf', 'iat'].map((claim) => momentOf(payload, claim));
  if (exp === undefined) throw invalid("The token has no 'exp' claim.", { detail: "Token has no 'exp' claim" });
  // simplejwt makes a date of it (tokens.py, Token.check_exp), which a text and a year after 9999 are not.
  if (typeof payload.exp === 'string' || exp >= endOfTime) throw invalid("The token's 'exp' claim is not a date.");
  // Whatever is no number, a leeway or a clock, lets nothing in.
  const isLater = (moment: number | undefined, than: number) => moment !== undefined && !(moment <= than);
  if (isLater(nbf, time + leeway) || isLater(iat, now.getTime() / 1000 + leeway)) {
    throw new TokenError('The token is not valid yet.', {
      code: 'token_not_yet_valid',
      hint: 'Wait until it is, or compare the clocks.',
    });
  }
  if (!(exp > now.getTime() / 1000 - leeway)) {
    throw new TokenError('The token has expired.', {
      code: 'token_expired',
      detail: 'Token is expired',
      hint: 'Get a new one.',
    });
  }
  if (options.issuer !== undefined && payload.iss !== options.issuer) throw invalid('The token is of another issuer.');
  assertAudience(payload, options.audience);
  if (payload.jti === undefined) throw invalid("The token has no 'jti' claim.", { detail: 'Token has no id' });
  for (const claim of ['jti', 'sub']) {
    const value = payload[claim];
    if (value !== undefined && typeof value !== 'string') throw invalid(`The token's '${claim}' claim is not a text.`);
  }
  if (type === null || payload.token_type === type) return;
  const detail = payload.token_type === undefined ? 'Token has no type' : 'Token has wrong type';
  throw invalid(`The token is not ${type === 'access' ? 'an' : 'a'} ${type} token.`, { detail });
}

function momentOf(payload: JsonObject, claim: string): number | undefined {
  const value = payload[claim];
  if (value === undefined) return undefined;
  const isNumber = typeof value === 'bigint' || typeof value === 'number';
  // PyJWT takes digits in a text, too.
  const isDigits = typeof value === 'string' && /^\d{1,15}$/.test(value);
  const moment = isNumber || isDigits ? Math.trunc(Number(value)) : Number.NaN;
  if (!Number.isFinite(moment)) throw invalid(`The token's '${claim}' claim is not a number.`);
  return moment;
}

/** simplejwt looks at no audience where none is given (backends.py, `verify_aud`). */
function assertAudience({ aud }: JsonObject, wanted: VerifyTokenOptions['audience']): void {
  if (wanted === undefined) return;
  const has = aud === undefined ? [] : Array.isArray(aud) ? aud : [aud];
  const any = typeof wanted === 'string' ? [wanted] : wanted;
  if (has.some((each) => any.includes(String(each)))) return;
  throw invalid('The token is for another audience.');
}
