import { defineCommand } from '../command.js';
import { changeActive, usernames } from './shared/accounts/activation.js';
import { actorOptions } from './shared/actor.js';
import { allCredentialsOption } from './shared/credentials/credentials.js';
import { database } from './shared/options.js';
import { assertRevocable, revokeOption } from './shared/sessions/revoke.js';

export default defineCommand({
  describe: 'Deactivate users, so that they cannot log in.',
  positionals: usernames,
  options: {
    ...database,
    ...actorOptions,
    force: { type: 'boolean', describe: 'Deactivate even the last active superuser.' },
    ...revokeOption,
    ...allCredentialsOption,
  },
  async run(context, args) {
    assertRevocable(context, args.revokeSessions && !args.allCredentials);
    const result = await changeActive(context, args, false);
    if (!args.revokeSessions && !args.allCredentials && result.changed.length > 0)
      context.terminal.note('Their sessions end: Django lets no inactive user in.');
    return { json: result };
  },
});
