import { defineCommand } from '../command.js';
import { packageVersion } from '../modules/version.js';

export default defineCommand({
  describe: 'Show the version of manage-auth.',
  settings: false,
  async run({ terminal }) {
    const version = packageVersion();
    await terminal.write(`${version}\n`);
    return { json: { version } };
  },
});
