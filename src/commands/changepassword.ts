import { newHashes } from '../auth/accounts/new-hashes.js';
import { systemUsername } from '../auth/accounts/system-username.js';
import { userModelOf } from '../auth/accounts/user-model.js';
import { makePassword } from '../auth/passwords/hashers.js';
import { defineCommand } from '../command.js';
import { findPerson } from './shared/accounts/people.js';
import { actorOptions } from './shared/actor.js';
import { warnOfRemaining } from './shared/credentials/credentials.js';
import { assertEnding, endingOptions, sayWantedEnded } from './shared/credentials/ending.js';
import { database, noInput, passwordSource } from './shared/options.js';
import { warnOfUnappliedMigrations } from './shared/schema/prepared-database.js';
import { changedText, choosePassword, readPasswordChange, savePassword } from './user-form/change-password.js';
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
    ...endingOptions,
  },
  examples: [
    ['manage changepassword ada', 'Ask for the password.'],
    ['manage changepassword ada --generate', 'Generate one; nothing else is written to stdout.'],
    ['manage changepassword ada --password-stdin < pw', 'For scripts.'],
  ],
  async run(context, args) {
    const { terminal, settings } = context;
    assertEnding(context, args);
    const change = await readPasswordChange(context, args);
    const generated = change.kind === 'generated';
    const connection = await context.connect(args.database, { writes: true });
    await warnOfUnappliedMigrations(context, connection);
    const { model, auth } = userModelOf(connection.registry);
    const username = args.username ?? systemUsername(context.env);
    const user = await findPerson(connection, username);
    // stdout is for the password alone where one is made up.
    const say = generated ? terminal.note : terminal.say;
    say(`Changing password for user '${username}'`);
    const judge = passwordJudge(context, model, user);
    const password = await choosePassword(context, change, judge, { username, force: args.force });
    const encoded = await makePassword(password, await newHashes(connection, settings));
    const ended = await savePassword(context, connection, user, encoded, args);
    if (generated) await terminal.write(`${password}\n`);
    say(changedText(change, username));
    if (!args.revokeSessions && !args.allCredentials) terminal.note(`Sessions of user '${username}' end.`);
    const ends = sayWantedEnded(context, ended, say);
    const active = auth.activeField === undefined || user[auth.activeField] === true;
    const { allCredentials } = args;
    const { document, ...status } = await warnOfRemaining(context, connection, [user], { active, allCredentials });
    const shown = { usablePassword: password !== null, ...(generated ? { password } : {}) };
    return { json: { username, pk: user.pk, ...shown, ...ends, ...document }, ...status };
  },
});
