import { writeLog } from '../../audit/write.js';
import type { User } from '../../auth/accounts/find-user.js';
import { userModelOf } from '../../auth/accounts/user-model.js';
import { storePasswordHash } from '../../auth/accounts/users.js';
import { generatePassword } from '../../auth/passwords/generate.js';
import type { Context } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import { repeatableTransaction } from '../../db/transactions/transaction.js';
import { CommandError, UsageError } from '../../errors.js';
import { nameOf } from '../shared/accounts/people.js';
import { auditOf } from '../shared/actor.js';
import { type Ended, endWanted } from '../shared/credentials/ending.js';
import type { Judge } from './new-password.js';
import { readPasswordSource } from './password-source.js';

const maxTries = 3;

/** Where the new password comes from; a generated one and an asked one are still to be made. */
export type PasswordChange =
  | { readonly kind: 'given'; readonly password: string }
  | { readonly kind: 'generated' | 'unusable' | 'asked' };

interface PasswordArguments {
  readonly passwordStdin: boolean;
  readonly passwordFile: string | undefined;
  readonly generate: boolean;
  readonly unusable: boolean;
  readonly noInput: boolean;
}

/** @throws UsageError where several ways are asked for, or none is left. */
export async function readPasswordChange(context: Context, args: PasswordArguments): Promise<PasswordChange> {
  const isRead = args.passwordStdin || args.passwordFile !== undefined;
  if ([isRead, args.generate, args.unusable].filter(Boolean).length > 1) {
    throw new UsageError('--generate, --unusable, --password-stdin and --password-file exclude each other.', {
      hint: 'Give the password in one place.',
    });
  }
  const password = await readPasswordSource(context, args);
  if (password !== undefined) return { kind: 'given', password };
  if (args.generate) return { kind: 'generated' };
  if (args.unusable) return { kind: 'unusable' };
  if (!args.noInput && context.terminal.interactive) return { kind: 'asked' };
  const reason = args.noInput ? '--no-input was given' : 'stdin is not a terminal';
  throw new UsageError(`Cannot prompt for the password: ${reason}.`, {
    code: 'not_interactive',
    hint: 'Use --password-stdin, --password-file, --generate or --unusable.',
  });
}

/** @throws CommandError for a password that cannot be set: blank, or weak without `force`. */
async function assertGood({ terminal }: Context, judge: Judge, password: string, force: boolean): Promise<void> {
  if (password.trim() === '')
    throw new CommandError("Blank passwords aren't allowed.", {
      code: 'bad_password',
      hint: 'Give one that has more in it than spaces.',
    });
  const problems = await judge(password);
  if (problems.length === 0) return;
  if (force) terminal.warn(`Warning: the password is weak. ${problems.join(' ')}`);
  else throw new CommandError(problems.join(' '), { code: 'weak_password', hint: 'Use --force to set it anyway.' });
}

const unchanged = 'The password is as it was: run the command again to change it.';

/** Asks as Django does: an empty answer ends it, and so do three failures. */
async function askPassword({ terminal }: Context, judge: Judge, username: string, force: boolean): Promise<string> {
  const ask = async (question: string) => {
    const answer = await terminal.askSecret(question);
    if (answer === '') throw new CommandError('aborted', { code: 'aborted', hint: unchanged });
    return answer;
  };
  for (let tries = 0; tries < maxTries; tries += 1) {
    const password = await ask('Password: ');
    if ((await ask('Password (again): ')) !== password) {
      terminal.warn('Passwords do not match. Please try again.');
      continue;
    }
    const problems = await judge(password);
    if (password.trim() === '') problems.unshift("Blank passwords aren't allowed.");
    for (const problem of problems) terminal.warn(problem);
    if (problems.length === 0 || (force && password.trim() !== '')) return password;
  }
  throw new CommandError(`Aborting password change for user '${username}' after ${maxTries} attempts`, {
    code: 'aborted',
    hint: unchanged,
  });
}

/** The new password; null for an unusable one. @throws CommandError for one that cannot be set. */
export async function choosePassword(
  context: Context,
  change: PasswordChange,
  judge: Judge,
  { username, force }: { readonly username: string; readonly force: boolean },
): Promise<string | null> {
  switch (change.kind) {
    case 'unusable':
      return null;
    case 'generated':
      return generatePassword(judge);
    case 'asked':
      return askPassword(context, judge, username, force);
    case 'given':
      await assertGood(context, judge, change.password, force);
      return change.password;
  }
}

/** Stores the hash and ends what is asked for, in one transaction with the entry of the log. */
export async function savePassword(
  context: Context,
  connection: Connection,
  user: User,
  encoded: string,
  args: { readonly actor: string | undefined; readonly revokeSessions: boolean; readonly allCredentials: boolean },
): Promise<Ended> {
  const { model } = userModelOf(connection.registry);
  const audit = await auditOf(context, connection, 'changepassword', args);
  const messages = [{ changed: { fields: ['password'] } }];
  const entry = { action: 'change', model, pk: user.pk, repr: nameOf(connection, user), messages } as const;
  return repeatableTransaction(connection, async (bound) => {
    await storePasswordHash(bound, user.pk, encoded);
    await writeLog(bound, [entry], audit);
    return endWanted(context, bound, [user], args, audit);
  });
}

/** What has become of the password, in Django's words. */
export const changedText = ({ kind }: PasswordChange, username: string): string =>
  kind === 'unusable'
    ? `User '${username}' has an unusable password now`
    : `Password changed successfully for user '${username}'`;
