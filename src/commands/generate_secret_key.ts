import { randomInt } from 'node:crypto';
import { defineCommand } from '../command.js';

/** Django 5.2 core/management/utils.py, get_random_secret_key. */
const characters = 'abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)';
/** What needs no quotes in a shell and in a .env file. */
const plainCharacters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_';

export default defineCommand({
  describe: 'Generate a secret key, and print it.',
  settings: false,
  options: {
    length: { type: 'integer', min: 32, max: 1000, default: 50, placeholder: 'N', describe: 'Length of the key.' },
    plain: { type: 'boolean', describe: 'Use only letters, digits, - and _, which need no quoting.' },
  },
  examples: [['echo "SECRET_KEY=$(manage generate_secret_key --plain)" >> .env', 'a key for a new site']],
  async run({ terminal }, { length, plain }) {
    const from = plain ? plainCharacters : characters;
    const secretKey = Array.from({ length }, () => from.charAt(randomInt(from.length))).join('');
    await terminal.write(`${secretKey}\n`);
    return { json: { secretKey } };
  },
});
