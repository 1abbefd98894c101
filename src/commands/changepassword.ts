import { writeLog } from '../audit/write.js';
import { findUser } from '../auth/accounts/find-user.js';
import { newHashes } from '../auth/accounts/new-hashes.js';
import { systemUsername } from '../auth/accounts/system-username.js';
import { userModelOf } from '../auth/accounts/user-model.js';
import { explainUnknownUser, storePasswordHash } from '../auth/accounts/users.js';
import { makePassword } from '../auth/passwords/hashers.js';
import { defineCommand } from '../command.js';
import { repeatableTransaction } from '../db/transactions/transaction.js';
import { actorOptions, auditOf } from './shared/actor.js';
import {
  allCredentialsOption,
  endAllCredentials,
  sayAllEnded,
  warnOfRemaining,
} from './shared/credentials/credentials.js';
import { database, noInput, passwordSource } from './shared/options.js';
import { warnOfUnappliedMigrations } from './shared/schema/prepared-database.js';
import { assertRevocable, endSessionsOf, revokeOption, sayEnded } from './shared/sessions/revoke.js';
import { choosePassword, readPasswordChange } from './user-form/change-password.js';
import { passwordJudge } from './user-form/new-password.js';

export default defineCommand({
  describe: "Change a user's password.",
  positionals: { username: { placeholder: 'user', describe: 'User name, compared exactly; defaults to your own.' } },
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
    const change = await readPasswordChange(context, args);
    const generated = change.kind === 'generated';
    const connection = await context.connect(args.database, { writes: true });
    await warnOfUnappliedMigrations(context, connection);
    const { model, auth } = userModelOf(connection.registry);
    const username = args.username ?? systemUsername(context.env);
    const user = await findUser(connection, username, { lenient: true });
    if (user === undefined) throw await explainUnknownUser(connection, username);

    // stdout is for the password alone where one is made up.
    const say = generated ? terminal.note : terminal.say;
    say(`Changing password for user '${username}'`);
    const judge = passwordJudge(context, model, user);
    const password = await choosePassword(context, change, judge, { username, force: args.force });
    const encoded = await makePassword(password, await newHashes(connection, settings));
    const audit = await auditOf(context, connection, 'changepassword', args);
    const { all, ended } = await repeatableTransaction(connection, async (bound) => {
      await storePasswordHash(bound, user.pk, encoded);
      const messages = [{ changed: { fields: ['password'] } }];
      await writeLog(bound, [{ action: 'change', model, pk: user.pk, repr: username, messages }], audit);
      return {
        all: args.allCredentials ? await endAllCredentials(context, bound, [user]) : undefined,
        ended:
          args.revokeSessions && !args.allCredentials ? await endSessionsOf(context, bound, [username]) : undefined,
      };
    });
    if (generated) await terminal.write(`${password}\n`);
    say(
      change.kind === 'unusable'
        ? `User '${username}' has an unusable password now`
        : `Password changed successfully for user '${username}'`,
    );
    if (ended === undefined && all === undefined) terminal.note(`Sessions of user '${username}' end.`);
    const ends = {
      ...(ended === undefined ? {} : { revokedSessions: sayEnded(context, ended, say) }),
      ...(all === undefined ? {} : sayAllEnded(all, say)),
    };
    const active = auth.activeField === undefined || user[auth.activeField] === true;
    const remaining = await warnOfRemaining(context, connection, [user], { active });
    return {
      json: {
        username,
        pk: user.pk,
        usablePassword: password !== null,
        ...(generated ? { password } : {}),
        ...ends,
        ...remaining,
      },
    };
  },
});
