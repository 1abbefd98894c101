import { newHashes } from '../auth/accounts/new-hashes.js';
import { userModelOf } from '../auth/accounts/user-model.js';
import { explainUnknownUser, findUser } from '../auth/accounts/users.js';
import { checkPassword, spendTime } from '../auth/passwords/hashers.js';
import { defineCommand } from '../command.js';
import { database, noInput, passwordSource } from './shared/options.js';
import { askCurrentPassword, describeHash, sayChecked, upgradeHash } from './user-form/check-password.js';
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
    const { settings } = context;
    const { username } = args;
    const given = await readPasswordSource(context, args);
    const connection = await context.connect(args.database, { writes: args.upgrade });
    const password = given ?? (await askCurrentPassword(context, args.noInput));
    const { model, auth } = userModelOf(connection.registry);
    const hashes = await newHashes(connection, settings);
    const fields = [auth.passwordField, auth.activeField ?? model.primaryKey.name];
    const user = await findUser(connection, username, { fields });
    if (user === undefined) {
      await spendTime(password, hashes);
      throw await explainUnknownUser(connection, username);
    }
    const encoded = String(user[auth.passwordField] ?? '');
    const matches = await checkPassword(password, encoded, hashes);
    const active = auth.activeField === undefined ? null : user[auth.activeField] === true;
    const result = { username, matches, ...describeHash(encoded, hashes), active };
    const upgraded = matches && args.upgrade && result.outdated;
    sayChecked(context, result, args.upgrade);
    if (upgraded) await upgradeHash(context, connection, { pk: user.pk, username }, { password, encoded, hashes });
    return { json: { ...result, upgraded }, ...(matches ? {} : { exitCode: 1 }) };
  },
});
