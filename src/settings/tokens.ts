import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Environment } from './environment.js';
import { isRecord, type Problems, readers } from './values.js';

/** One key as a config file writes it: PEM, or a file that has it, relative to the config. */
export interface TokenKeySettings {
  /** What tokens call it; `manage generatekeys` makes one of the key itself. */
  readonly kid?: string;
  readonly file?: string;
  readonly privateKey?: string;
  /** Of a key that no longer signs, and still verifies. */
  readonly publicKey?: string;
}

/** JSON Web Tokens, under the names of djangorestframework-simplejwt's settings. */
export interface TokenSettings {
  /** HS256 by default. */
  readonly algorithm?: string;
  /** The first signs, all verify; by default the secret key of the site. */
  readonly keys?: readonly (string | TokenKeySettings)[];
  /** Seconds that access tokens are good for, or a text such as `10m`: 300 by default. */
  readonly accessAge?: number | string;
  /** Seconds that refresh tokens are good for, or a text such as `2w`: a day by default. */
  readonly refreshAge?: number | string;
  readonly issuer?: string;
  readonly audience?: string;
  /** Seconds by which clocks may differ, or a text such as `30s`. */
  readonly leeway?: number | string;
  /** Hands out a new refresh token with each access token (ROTATE_REFRESH_TOKENS). */
  readonly rotate?: boolean;
  /** Puts the old one on the blacklist then (BLACKLIST_AFTER_ROTATION). */
  readonly blacklistAfterRotation?: boolean;
  /** Ends tokens with the password that they were made under (CHECK_REVOKE_TOKEN). */
  readonly checkPassword?: boolean;
  /** Sets `last_login` where a token is obtained (UPDATE_LAST_LOGIN). */
  readonly updateLastLogin?: boolean;
}

export interface ParsedTokenKey {
  readonly kid: string | undefined;
  /** PEM, or a secret. */
  readonly key: string;
}

/** {@link TokenSettings} after precedence and defaults. */
export interface ParsedTokenSettings {
  readonly algorithm: string;
  /** None: the secret key of the site. */
  readonly keys: readonly ParsedTokenKey[];
  readonly accessAge: number;
  readonly refreshAge: number;
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  readonly leeway: number;
  readonly rotate: boolean;
  readonly blacklistAfterRotation: boolean;
  readonly checkPassword: boolean;
  readonly updateLastLogin: boolean;
}

const names = [
  'algorithm',
  'keys',
  'accessAge',
  'refreshAge',
  'issuer',
  'audience',
  'leeway',
  'rotate',
  'blacklistAfterRotation',
  'checkPassword',
  'updateLastLogin',
];

/** Reads what the settings and the environment say about JSON Web Tokens. */
export function parseTokens(
  config: Record<string, unknown>,
  environment: Environment,
  root: string,
  problems: Problems,
): ParsedTokenSettings {
  const read = readers(config, problems, 'tokens.');
  read.known(names);
  const given = (name: string) => environment.lookup(name)?.value.trim() || undefined;
  // A .env file has no line breaks in most values: PEM is written with \n there.
  const fromEnvironment = ['JWT_SIGNING_KEY', 'JWT_VERIFYING_KEY'].flatMap((name) => {
    const key = given(name)?.replaceAll('\\n', '\n');
    return key === undefined ? [] : [{ kid: undefined, key }];
  });
  return {
    algorithm: given('JWT_ALGORITHM') ?? read.text('algorithm') ?? 'HS256',
    keys: fromEnvironment.length > 0 ? fromEnvironment : parseKeys(config.keys, root, problems),
    accessAge: read.seconds('accessAge') ?? 300,
    refreshAge: read.seconds('refreshAge') ?? 86_400,
    issuer: read.text('issuer'),
    audience: read.text('audience'),
    leeway: read.seconds('leeway', { least: 0 }) ?? 0,
    rotate: read.flag('rotate') ?? false,
    blacklistAfterRotation: read.flag('blacklistAfterRotation') ?? false,
    checkPassword: read.flag('checkPassword') ?? false,
    updateLastLogin: read.flag('updateLastLogin') ?? false,
  };
}

function parseKeys(value: unknown, root: string, problems: Problems): ParsedTokenKey[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    problems.push('`tokens.keys` must be an array of keys: PEM, or objects with `file`, `privateKey` or `publicKey`.');
    return [];
  }
  return value.flatMap((item: unknown, index) => {
    const where = `tokens.keys[${index}].`;
    if (typeof item === 'string') return [{ kid: undefined, key: item }];
    const read = readers(isRecord(item) ? item : {}, problems, where);
    read.known(['kid', 'file', 'privateKey', 'publicKey']);
    const [kid, file] = [read.text('kid'), read.text('file')];
    const key = read.text('privateKey') ?? read.text('publicKey') ?? fileText(file, root, where, problems);
    if (key === undefined && file === undefined) problems.push(`\`${where.slice(0, -1)}\` has no key.`);
    return key === undefined ? [] : [{ kid, key }];
  });
}

function fileText(file: string | undefined, root: string, where: string, problems: Problems): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(resolve(root, file), 'utf8').trim();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    problems.push(`\`${where}file\` names ${file}, which cannot be read (${String(code)}).`);
    return undefined;
  }
}
