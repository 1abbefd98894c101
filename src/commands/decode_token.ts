import { recogniseToken } from '../apps/recognise.js';
import { defineCommand } from '../command.js';
import { CommandError, UsageError } from '../errors.js';
import { tokenKeysOf } from '../tokens/token-keys.js';
import { readStdin } from '../ui/stdin.js';
import { printToken } from './reports/token.js';
import { database } from './shared/options.js';

/** Characters that a token may have. */
const maxLength = 100_000;

export default defineCommand({
  describe: 'Show what a token is, whose, until when, and whether Django would accept it.',
  positionals: {
    token: {
      describe: 'A JSON Web Token, or one of REST framework, knox, API keys or OAuth; - reads it from standard input.',
    },
  },
  options: {
    ...database,
    offline: { type: 'boolean', describe: 'Use no database; recognizes JSON Web Tokens only.' },
  },
  examples: [
    ['manage decode_token - < token.txt', 'A token in a file, hidden from process lists.'],
    ['manage decode_token --offline eyJhbGciOi…', 'The contents of a JSON Web Token.'],
  ],
  async run(context, { token: given = '-', database: alias, offline }) {
    const text = given === '-' ? await readStdin(context, maxLength) : given;
    const token = text.trim().replace(/^(?:Authorization:\s*)?(?:Bearer|Token|Api-Key)\s+/i, '');
    if (token === '' || token.length > maxLength || /\s/.test(token)) {
      throw new UsageError('There is no token to decode.', { hint: 'Give one, or - to read it from standard input.' });
    }
    const { settings } = context;
    const { issuer, audience, leeway, checkPassword } = settings.tokens;
    const connection = offline ? undefined : await context.connect(alias);
    const recognised = await recogniseToken(connection, token, {
      ...tokenKeysOf(settings),
      issuer,
      audience,
      leeway,
      checkPassword,
      now: context.now(),
      apps: settings.credentialApps,
    });
    if (recognised.kind === null) {
      throw new CommandError(`The token is not known. ${recognised.reasons.join(' ')}`, {
        code: 'token_unknown',
        hint: 'It may have been revoked or replaced, or be of another site.',
      });
    }
    await printToken(context, recognised);
    return { json: recognised };
  },
});
