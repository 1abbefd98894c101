import { randomText } from '../auth/passwords/hashers/hasher.js';
import { defineCommand } from '../command.js';

export default defineCommand({
  describe: 'Generate a random password.',
  options: {
    length: {
      type: 'integer',
      min: 8,
      max: 512,
      default: 20,
      placeholder: 'N',
      describe: 'Number of letters and digits.',
    },
  },
  async run({ terminal }, { length }) {
    const password = randomText(length);
    await terminal.write(`${password}\n`);
    return { json: { password } };
  },
});
