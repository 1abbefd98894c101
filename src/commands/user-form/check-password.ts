import type { NewHashes } from '../../auth/accounts/new-hashes.js';
import { replacePassword } from '../../auth/accounts/users.js';
import {
  identifyHasher,
  makePassword,
  type PasswordState,
  passwordNeedsUpdate,
  passwordState,
} from '../../auth/passwords/hashers.js';
import type { Context } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import { CommandError, UsageError } from '../../errors.js';
import type { NamedUser } from '../shared/accounts/people.js';

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

interface CheckedPassword {
  readonly username: string;
  readonly matches: boolean;
  /** Why no password can be right, or null where one can. */
  readonly reason: Exclude<PasswordState, 'usable'> | null;
  readonly algorithm: string | null;
  readonly outdated: boolean;
  /** null where the user model does not say it. */
  readonly active: boolean | null;
}

/** What can be told from a hash, and whether one that is made today is another. */
export function describeHash(encoded: string, hashes: NewHashes) {
  const state = passwordState(encoded);
  return {
    usable: state === 'usable',
    reason: state === 'usable' ? null : state,
    algorithm: identifyHasher(encoded) ?? null,
    outdated: passwordNeedsUpdate(encoded, hashes),
  };
}

/** Says whether the password is right and, where it is, what is wrong with the account or the hash. */
export function sayChecked({ terminal, settings }: Context, checked: CheckedPassword, upgrade: boolean): void {
  const { username, matches, reason, algorithm, outdated, active } = checked;
  terminal.say(matches ? `The password of user '${username}' is correct.` : mismatchText(username, reason));
  if (!matches) return;
  if (active === false) terminal.note(`User '${username}' is not active and cannot log in.`);
  if (algorithm !== null && !settings.passwordHashers.includes(algorithm)) {
    terminal.warn(
      `Its hash (${algorithm}) is not in \`passwordHashers\`: a Django with the same list refuses it. ` +
        'Add the algorithm there, or use --upgrade.',
    );
  }
  if (outdated && !upgrade) terminal.note(`Its hash (${algorithm}) is outdated: --upgrade makes a new one.`);
}

function mismatchText(username: string, reason: CheckedPassword['reason']): string {
  switch (reason) {
    case 'unusable':
      return `User '${username}' has an unusable password: password logins are disabled.`;
    case 'unknown':
      return `The stored password of user '${username}' is not a known password hash: it is plain text, or the hash of another system.`;
    case 'broken':
      return `The stored password of user '${username}' is broken: no password matches it.`;
    default:
      return `The password of user '${username}' is wrong.`;
  }
}

/**
 * Stores a new hash of a password that is right.
 *
 * @throws CommandError of code `password_changed` where the old hash is there no more.
 */
export async function upgradeHash(
  { terminal }: Context,
  connection: Connection,
  { pk, username }: NamedUser,
  { password, encoded, hashes }: { readonly password: string; readonly encoded: string; readonly hashes: NewHashes },
): Promise<void> {
  if (!(await replacePassword(connection, pk, encoded, await makePassword(password, hashes)))) {
    throw new CommandError(`The password of user '${username}' was changed while this ran, and was left as it is.`, {
      code: 'password_changed',
      hint: 'Run this again with the new password.',
    });
  }
  terminal.say(`Hashed it again with ${hashes.hasher}: sessions of user '${username}' end.`);
}
