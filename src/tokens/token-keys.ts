import { CommandError } from '../errors.js';
import type { ParsedSettings } from '../settings/settings.js';
import type { Algorithm } from './key-ring.js';
import type { TokenKeys } from './token.js';

/** What tokens are signed and verified with, by the settings; undefined where there is no key at all. */
export function tokenKeysOf({
  tokens,
  secretKey,
}: Pick<ParsedSettings, 'tokens' | 'secretKey'>): TokenKeys | undefined {
  // Whether it is one, the key ring says.
  const algorithm = tokens.algorithm as Algorithm;
  if (tokens.keys.length > 0) return { algorithm, keys: tokens.keys };
  return secretKey === undefined || !algorithm.startsWith('HS') ? undefined : { algorithm, keys: secretKey };
}

/** @throws CommandError where there is no key. */
export function requireTokenKeys(settings: Pick<ParsedSettings, 'tokens' | 'secretKey'>): TokenKeys {
  const keys = tokenKeysOf(settings);
  if (keys !== undefined) return keys;
  throw new CommandError(`There is no key to sign tokens with ${settings.tokens.algorithm}.`, {
    code: 'no_token_key',
    hint: "Set `tokens.keys` or JWT_SIGNING_KEY; for HS256, the site's SECRET_KEY is enough.",
  });
}
