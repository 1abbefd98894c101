import { defineCommand } from '../command.js';
import { changeActive, usernames } from './_activation.js';
import { database } from './_options.js';

export default defineCommand({
  describe: 'Keep users from logging in, without deleting them.',
  positionals: usernames,
  options: {
    ...database,
    force: { type: 'boolean', describe: 'Allow that no active superuser is left.' },
  },
  async run(context, args) {
    const result = await changeActive(context, args, false);
    if (result.changed.length > 0) context.terminal.note('Their sessions end: Django lets no inactive user in.');
    return { json: result };
  },
});
