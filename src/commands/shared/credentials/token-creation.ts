import {
  type CreatedToken,
  createAuthToken,
  createJwt,
  createKnoxToken,
  type TokenOwner,
} from '../../../apps/create.js';
import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { UsageError } from '../../../errors.js';
import type { Claims, TokenType } from '../../../tokens/token.js';
import { requireTokenKeys } from '../../../tokens/token-keys.js';

const reserved = ['token_type', 'exp', 'iat', 'nbf', 'jti', 'user_id', 'aud', 'iss', 'hash_password'];

interface Wanted {
  readonly kind: string;
  readonly type: string;
  readonly age: number | undefined;
  readonly claim: readonly string[];
  readonly replace: boolean;
}

/** Makes the token that is asked for. @throws UsageError for options that mean nothing for its kind. */
export async function createWanted(
  { settings, now }: Context,
  connection: Connection,
  owner: TokenOwner,
  { kind, type, age, claim, replace }: Wanted,
): Promise<CreatedToken> {
  const options = { now: now(), apps: settings.credentialApps };
  if (kind !== 'jwt' && claim.length > 0) throw new UsageError(`A token of kind ${kind} has no claims.`);
  if (kind !== 'jwt' && type !== 'access') throw new UsageError(`--type ${type} is for --kind jwt.`);
  if (replace && kind !== 'authtoken') throw new UsageError('--replace is for --kind authtoken.');
  if (kind === 'knox') return createKnoxToken(connection, owner, { ...options, ...(age === undefined ? {} : { age }) });
  if (kind === 'authtoken') {
    if (age !== undefined) throw new UsageError('A token of REST framework has no end, so --age means nothing for it.');
    return createAuthToken(connection, owner, { ...options, replace });
  }
  const { tokens } = settings;
  return createJwt(connection, owner, {
    ...requireTokenKeys(settings),
    ...options,
    type: type as TokenType,
    age: age ?? (type === 'access' ? tokens.accessAge : tokens.refreshAge),
    claims: parseClaims(claim),
    issuer: tokens.issuer,
    audience: tokens.audience,
    bindPassword: tokens.checkPassword,
  });
}

/** @throws UsageError for what has no name, one that every token has or the one of another, and for numbers that would be changed. */
function parseClaims(texts: readonly string[]): Claims {
  const claims = new Map<string, Claims[string]>();
  for (const text of texts) {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === '') throw new UsageError(`'${text}' is not a claim.`, { hint: 'Write it as name=value.' });
    if (reserved.includes(name)) throw new UsageError(`The claim '${name}' is set by the token itself.`);
    if (claims.has(name)) throw new UsageError(`The claim '${name}' is given twice.`);
    const claim = jsonOr(value);
    if (!isExact(claim)) {
      throw new UsageError(`The claim '${name}' has a number that cannot be kept as it is.`, {
        hint: `Give it as text, in double quotes: ${name}="…".`,
      });
    }
    claims.set(name, claim);
  }
  // An object that is made of pairs can have a member '__proto__', too.
  return Object.fromEntries(claims);
}

/** Whether a value has no number that is beyond those that JavaScript has each of. */
function isExact(value: unknown): boolean {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) || (!Number.isInteger(value) && Number.isFinite(value));
  return typeof value !== 'object' || value === null || Object.values(value).every(isExact);
}

function jsonOr(text: string): Claims[string] {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
