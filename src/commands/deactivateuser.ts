import { defineCommand } from '../command.js';
import { changeActive, usernames } from './shared/activation.js';
import { database } from './shared/options.js';
import { assertRevocable, revokeOption, revokeSessionsOf } from './shared/revoke-sessions.js';

export default defineCommand({
  describe: 'Keep users from logging in, without deleting them.',
  positionals: usernames,
  options: {
    ...database,
    force: { type: 'boolean', describe: 'Allow that no active superuser is left.' },
    ...revokeOption,
  },
  async run(context, args) {
    assertRevocable(context, args.revokeSessions);
    const result = await changeActive(context, args, false);
    if (args.revokeSessions) {
      const connection = await context.connect(args.database);
      return { json: { ...result, revokedSessions: await revokeSessionsOf(context, connection, args.usernames) } };
    }
    if (result.changed.length > 0) context.terminal.note('Their sessions end: Django lets no inactive user in.');
    return { json: result };
  },
});
