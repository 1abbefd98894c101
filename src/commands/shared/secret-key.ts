import { CommandError } from '../../errors.js';
import type { ParsedSettings } from '../../settings/settings.js';

/** The secret key. @throws CommandError where there is none; `purpose` ends the sentence: `sign the link with`. */
export function requireSecretKey({ secretKey }: Pick<ParsedSettings, 'secretKey'>, purpose: string): string {
  if (secretKey !== undefined) return secretKey;
  throw new CommandError(`There is no secret key to ${purpose}.`, {
    code: 'no_secret_key',
    hint: 'Set SECRET_KEY to that of the Django project.',
  });
}
