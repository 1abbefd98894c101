import { defineCommand } from '../command.js';
import { changeActive, usernames } from './shared/accounts/activation.js';
import { actorOptions } from './shared/actor.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Reactivate users, so that they can log in again.',
  positionals: usernames,
  options: { ...database, ...actorOptions },
  async run(context, args) {
    return changeActive(context, args, true);
  },
});
