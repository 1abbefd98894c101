import { newHashes } from '../auth/accounts/new-hashes.js';
import { userModelOf } from '../auth/accounts/user-model.js';
import { explainUnknownUser, findUser, replacePassword } from '../auth/accounts/users.js';
import {
  checkPassword,
  identifyHasher,
  makePassword,
  passwordNeedsUpdate,
  passwordState,
  spendTime,
} from '../auth/passwords/hashers.js';
import { defineCommand } from '../command.js';
import { CommandError } from '../errors.js';
import { database, noInput, passwordSource } from './shared/options.js';
import { askCurrentPassword, unreadableReason } from './user-form/check-password.js';
import { readPasswordSource } from './user-form/password-source.js';

export default defineCommand({
  describe: "Check a user's password.",
  positionals: { username: { placeholder: 'user', required: true, describe: 'User name; compared exactly.' } },
  options: {
    ...database,
    ...passwordSource,
    ...noInput,
    upgrade: {
      type: 'boolean',
      describe: 'Rehash a correct password whose hash is outdated. This ends the sessions of the user.',
    },
  },
  examples: [['manage checkpassword ada --password-stdin < pw', 'Exits with 0 for the right password, else with 1.']],
  async run(context, args) {
    const { terminal, settings } = context;
    const { username } = args;
    const given = await readPasswordSource(context, args);
    const connection = await context.connect(args.database, { writes: args.upgrade });
    const password = given ?? (await askCurrentPassword(context, args.noInput));
    const { model, auth } = userModelOf(connection.registry);
    const hasher = settings.passwordHashers[0];
    const needed = [model.primaryKey.name, auth.passwordField, auth.activeField ?? model.primaryKey.name];
    const user = await findUser(connection, username, { fields: [...new Set(needed)] });
    if (user === undefined) {
      await spendTime(password, { hasher });
      throw await explainUnknownUser(connection, username);
    }
    const encoded = String(user[auth.passwordField] ?? '');
    const matches = await checkPassword(password, encoded, { hasher });
    const algorithm = identifyHasher(encoded) ?? null;
    const hashes = await newHashes(connection, settings);
    const outdated = passwordNeedsUpdate(encoded, hashes);
    const active = auth.activeField === undefined ? null : user[auth.activeField] === true;
    const state = passwordState(encoded);
    const usable = state === 'usable';
    const result = { username, matches, usable, reason: usable ? null : state, algorithm, outdated, active };
    if (!matches) {
      terminal.say(unreadableReason(username, state) ?? `The password of user '${username}' is wrong.`);
      return { json: { ...result, upgraded: false }, exitCode: 1 };
    }
    terminal.say(`The password of user '${username}' is correct.`);
    if (active === false) terminal.note(`User '${username}' is not active and cannot log in.`);
    if (algorithm !== null && !settings.passwordHashers.includes(algorithm)) {
      terminal.warn(
        `Its hash (${algorithm}) is not in \`passwordHashers\`: a Django with the same list refuses it. ` +
          'Add the algorithm there, or use --upgrade.',
      );
    }
    if (!args.upgrade || !outdated) {
      if (outdated) terminal.note(`Its hash (${algorithm}) is outdated: --upgrade makes a new one.`);
      return { json: { ...result, upgraded: false } };
    }
    const upgraded = await makePassword(password, hashes);
    if (!(await replacePassword(connection, user[model.primaryKey.name] ?? null, encoded, upgraded))) {
      throw new CommandError(`The password of user '${username}' was changed while this ran, and was left as it is.`, {
        code: 'password_changed',
        hint: 'Run this again with the new password.',
      });
    }
    terminal.say(`Hashed it again with ${hasher}: sessions of user '${username}' end.`);
    return { json: { ...result, upgraded: true } };
  },
});
