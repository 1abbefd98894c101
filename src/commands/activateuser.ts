import { defineCommand } from '../command.js';
import { changeActive, usernames } from './_activation.js';
import { database } from './_options.js';

export default defineCommand({
  describe: 'Let users log in again.',
  positionals: usernames,
  options: database,
  async run(context, args) {
    return { json: await changeActive(context, args, true) };
  },
});
