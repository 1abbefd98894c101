import { defineCommand } from '../command.js';
import { CommandError } from '../errors.js';
import { showSessionUser } from './reports/session-user.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Show the user of a session in the database.',
  positionals: { key: { required: true, describe: 'Session key, or at least 8 characters of it.' } },
  options: {
    ...database,
    noFail: { type: 'boolean', describe: 'Exit with 0 for unknown and unreadable sessions.' },
  },
  examples: [['manage print_user_for_session 2b1189a1', 'with a warning where Django would not accept the session']],
  async run(context, { key, database: alias, noFail }) {
    const connection = await context.connect(alias);
    return showSessionUser(context, connection, key).catch((error: unknown) => {
      if (!noFail || !(error instanceof CommandError)) throw error;
      context.terminal.say(error.message);
      return { json: { user: null, problem: error.message } };
    });
  },
});
