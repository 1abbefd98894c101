import { writeLog } from '../audit/write.js';
import { findUser } from '../auth/accounts/find-user.js';
import { newHashes } from '../auth/accounts/new-hashes.js';
import { systemUsername } from '../auth/accounts/system-username.js';
import { userModelOf } from '../auth/accounts/user-model.js';
import { explainUnknownUser, storePasswordHash } from '../auth/accounts/users.js';
import { generatePassword } from '../auth/passwords/generate.js';
import { makePassword } from '../auth/passwords/hashers.js';
import { type Context, defineCommand } from '../command.js';
import { transaction } from '../db/transactions/transaction.js';
import { CommandError, UsageError } from '../errors.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { allCredentialsOption, endAllCredentials, sayAllEnded, warnOfRemaining } from './shared/credentials.js';
import { database, noInput, passwordSource } from './shared/options.js';
import { warnOfUnappliedMigrations } from './shared/prepared-database.js';
import { assertRevocable, endSessionsOf, revokeOption, sayEnded } from './shared/revoke-sessions.js';
import { type Judge, passwordJudge } from './user-form/new-password.js';
import { readPasswordSource } from './user-form/password-source.js';

const maxTries = 3;

/** Where the new password comes from. */
type Source =
  | { readonly kind: 'given'; readonly password: string }
  | { readonly kind: 'generated' | 'unusable' | 'asked' };

interface Arguments {
  readonly passwordStdin: boolean;
  readonly passwordFile: string | undefined;
  readonly generate: boolean;
  readonly unusable: boolean;
  readonly noInput: boolean;
}

async function readSource(context: Context, args: Arguments): Promise<Source> {
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
  const reason = args.noInput ? '--no-input was given' : 'standard input is no terminal';
  throw new UsageError(`Nobody can be asked for the password: ${reason}.`, {
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
  else
    throw new CommandError(problems.join(' '), { code: 'weak_password', hint: 'Use --force to set it all the same.' });
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
    if (problems.length > 0) terminal.warn(problems.join('\n'));
    if (problems.length === 0 || (force && password.trim() !== '')) return password;
  }
  throw new CommandError(`Aborting password change for user '${username}' after ${maxTries} attempts`, {
    code: 'aborted',
    hint: unchanged,
  });
}

export default defineCommand({
  describe: "Change a user's password.",
  positionals: { username: { describe: 'User name, compared exactly; defaults to your own.' } },
  options: {
    ...database,
    ...passwordSource,
    ...noInput,
    ...actorOptions,
    generate: { type: 'boolean', describe: 'Generate a password, and write it to stdout.' },
    unusable: { type: 'boolean', describe: 'Set an unusable password.' },
    force: { type: 'boolean', describe: 'Accept a weak password.' },
    ...revokeOption,
    ...allCredentialsOption,
  },
  examples: [
    ['manage changepassword ada', 'Ask for it.'],
    ['manage changepassword ada --generate', 'Make one up: nothing else is written to stdout.'],
    ['manage changepassword ada --password-stdin < pw', 'For scripts.'],
  ],
  async run(context, args) {
    const { terminal, settings } = context;
    assertRevocable(context, args.revokeSessions && !args.allCredentials);
    const source = await readSource(context, args);
    const connection = await context.connect(args.database, { writes: true });
    await warnOfUnappliedMigrations(context, connection);
    const { model, auth } = userModelOf(connection.registry);
    const username = args.username ?? systemUsername(context.env);
    const user = await findUser(connection, username, { lenient: true });
    if (user === undefined) throw await explainUnknownUser(connection, username);

    // stdout is for the password alone where one is made up.
    const say = source.kind === 'generated' ? terminal.note : terminal.say;
    say(`Changing password for user '${username}'`);
    const judge = passwordJudge(context, model, user);
    let password: string | null = null;
    if (source.kind === 'asked') password = await askPassword(context, judge, username, args.force);
    if (source.kind === 'generated') password = await generatePassword(judge);
    if (source.kind === 'given') {
      password = source.password;
      await assertGood(context, judge, password, args.force);
    }
    const encoded = await makePassword(password, await newHashes(connection, settings));
    const audit = await auditOf(context, connection, 'changepassword', args);
    const { all, ended } = await transaction(connection, async (bound) => {
      await storePasswordHash(bound, user.pk, encoded);
      const messages = [{ changed: { fields: ['password'] } }];
      await writeLog(bound, [{ action: 'change', model, pk: user.pk, repr: username, messages }], audit);
      return {
        all: args.allCredentials ? await endAllCredentials(context, bound, [user]) : undefined,
        ended:
          args.revokeSessions && !args.allCredentials ? await endSessionsOf(context, bound, [username]) : undefined,
      };
    });
    if (source.kind === 'generated') await terminal.write(`${password}\n`);
    say(
      source.kind === 'unusable'
        ? `Nobody can log in as user '${username}' with a password now`
        : `Password changed successfully for user '${username}'`,
    );
    if (ended === undefined && all === undefined) terminal.note(`Sessions of user '${username}' end.`);
    const generated = source.kind === 'generated' ? { password } : {};
    const ends = {
      ...(ended === undefined ? {} : { revokedSessions: sayEnded(context, ended, say) }),
      ...(all === undefined ? {} : sayAllEnded(all, say)),
    };
    const active = auth.activeField === undefined || user[auth.activeField] === true;
    const remaining = await warnOfRemaining(context, connection, [user], { active });
    return {
      json: { username, pk: user.pk, usablePassword: password !== null, ...generated, ...ends, ...remaining },
    };
  },
});
