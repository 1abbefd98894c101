import { type RecognisedToken, recogniseToken } from '../apps/recognise.js';
import { type Context, defineCommand } from '../command.js';
import { CommandError, UsageError } from '../errors.js';
import { visible } from '../text.js';
import { tokenKeysOf } from '../tokens/token-keys.js';
import { readStdin } from '../ui/stdin.js';
import { database } from './shared/options.js';

/** Characters that a token may have. */
const maxLength = 100_000;

export default defineCommand({
  describe: 'Say what a token is, whose, until when, and whether Django would accept it.',
  positionals: {
    token: {
      describe: 'A JSON Web Token, or one of REST framework, knox, API keys or OAuth; - reads it from standard input.',
    },
  },
  options: {
    ...database,
    offline: { type: 'boolean', describe: 'Look into no database: only JSON Web Tokens are known then.' },
  },
  examples: [
    ['manage decode_token - < token.txt', 'so that the token stands in no list of processes'],
    ['manage decode_token --offline eyJhbGciOi…', 'what a JSON Web Token says'],
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
      throw new CommandError(`That is no token that is known. ${recognised.reasons.join(' ')}`, {
        code: 'token_unknown',
        hint: 'It may have been revoked or replaced, or be of another site.',
      });
    }
    await print(context, recognised);
    return { json: recognised };
  },
});

const names: Readonly<Record<string, string>> = {
  jwt: 'JSON Web Token',
  authtoken: 'token of REST framework',
  knox: 'token of knox',
  api_key: 'API key',
  oauth2_access: 'OAuth access token',
  oauth2_refresh: 'OAuth refresh token',
};

async function print({ terminal }: Context, token: RecognisedToken): Promise<void> {
  const { kind, user, expires, accepted, reasons, header, payload, keyIndex } = token;
  const signer =
    keyIndex === undefined ? undefined : keyIndex === null ? 'none of the keys' : `key ${keyIndex + 1} of the settings`;
  const verdict = accepted === null ? 'not known' : accepted ? 'yes' : 'no';
  const lines: (readonly [string, string | undefined])[] = [
    ['Kind', names[kind ?? ''] ?? kind ?? ''],
    ['Type', payload?.token_type === undefined ? undefined : String(payload.token_type)],
    ['Algorithm', header?.alg === undefined ? undefined : String(header.alg)],
    ['Signed by', signer],
    ['User', user === null ? 'nobody' : (user.username ?? `${user.id} (not looked up, or no such user)`)],
    ['Expires', expires ?? 'never'],
    ['Accepted', [verdict, ...reasons].join('. ').replace('yes. ', 'yes. ')],
    ['Payload', payload === undefined ? undefined : JSON.stringify(payload, plain)],
  ];
  for (const [label, value] of lines) {
    if (value !== undefined)
      await terminal.write(`${terminal.style.label(`${label}:`.padEnd(11))} ${visible(value)}\n`);
  }
}

/** Numbers beyond 2^53 are shown as they stand. */
const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
