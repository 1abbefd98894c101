import { defineCommand } from '../command.js';
import { changeActive, usernames } from './shared/accounts/activation.js';
import { actorOptions } from './shared/actor.js';
import { assertEnding, endingOptions } from './shared/credentials/ending.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Deactivate users, so that they cannot log in.',
  positionals: usernames,
  options: {
    ...database,
    ...actorOptions,
    force: { type: 'boolean', describe: 'Deactivate even the last active superuser.' },
    ...endingOptions,
  },
  async run(context, args) {
    assertEnding(context, args);
    const result = await changeActive(context, args, false);
    if (!args.revokeSessions && !args.allCredentials && result.json.changed.length > 0)
      context.terminal.note('Their sessions end: Django lets no inactive user in.');
    return result;
  },
});
