import type { PasswordState } from '../../auth/passwords/hashers.js';
import type { Context } from '../../command.js';
import { UsageError } from '../../errors.js';

/** Asks for a password. @throws UsageError where nobody can answer. */
export async function askCurrentPassword({ terminal }: Context, noInput: boolean): Promise<string> {
  if (noInput || !terminal.interactive) {
    const reason = noInput ? '--no-input was given' : 'stdin is not a terminal';
    throw new UsageError(`Cannot prompt for the password: ${reason}.`, {
      code: 'not_interactive',
      hint: 'Use --password-stdin or --password-file.',
    });
  }
  return terminal.askSecret('Password: ');
}

/** Why no password can be right, or undefined where one can. */
export function unreadableReason(username: string, state: PasswordState): string | undefined {
  switch (state) {
    case 'unusable':
      return `User '${username}' has an unusable password: password logins are disabled.`;
    case 'unknown':
      return `The stored password of user '${username}' is not a known password hash: it is plain text, or the hash of another system.`;
    case 'broken':
      return `The stored password of user '${username}' is broken: no password matches it.`;
    default:
      return undefined;
  }
}
