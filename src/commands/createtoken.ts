import { type CreatedToken, createAuthToken, createJwt, createKnoxToken, type TokenOwner } from '../apps/create.js';
import { type Context, defineCommand } from '../command.js';
import type { Connection } from '../db/connect/connection.js';
import { CommandError, UsageError } from '../errors.js';
import { findSessionUser, userIdText } from '../sessions/store/users.js';
import type { Claims, TokenType } from '../tokens/token.js';
import { requireTokenKeys } from '../tokens/token-keys.js';
import { assertAllowed } from './shared/destructive.js';
import { allowProtected, database } from './shared/options.js';
import { byOption, findPerson, keyOf, userPositional } from './shared/people.js';
import { withRemedies } from './shared/remedies.js';

const kinds = ['jwt', 'authtoken', 'knox'] as const;
const reserved = ['token_type', 'exp', 'iat', 'nbf', 'jti', 'user_id', 'aud', 'iss', 'hash_password'];

export default defineCommand({
  describe: 'Make a token that lets a user in, and print it.',
  positionals: userPositional,
  options: {
    ...database,
    ...byOption,
    ...allowProtected,
    kind: {
      type: 'string',
      choices: kinds,
      default: 'jwt',
      describe: 'A JSON Web Token as simplejwt makes it, or a token of REST framework or of knox.',
    },
    type: { type: 'string', choices: ['access', 'refresh'], default: 'access', describe: 'Which JSON Web Token.' },
    age: {
      type: 'integer',
      unit: 'seconds',
      min: 1,
      max: 3_000_000_000,
      placeholder: 'S',
      describe: 'Seconds that it is good for.',
    },
    claim: {
      type: 'list',
      placeholder: 'NAME=VALUE',
      describe: 'A further claim; a VALUE that is JSON is taken as that.',
    },
    replace: { type: 'boolean', describe: "End the user's token of REST framework that is there." },
  },
  examples: [
    ['curl -H "Authorization: Bearer $(manage createtoken alice)" https://example.org/api/', 'a request as alice'],
    ['manage createtoken alice --kind authtoken --replace', 'a new token for a script of hers'],
  ],
  async run(context, args) {
    const connection = await context.connect(args.database, { writes: true });
    assertAllowed(connection, args.allowProtected);
    const row = await findPerson(connection, args.user, args.by);
    const owner = await findSessionUser(connection, userIdText(keyOf(connection, row)));
    if (owner === undefined) throw new CommandError('The user was deleted while this ran.', { code: 'user_not_found' });
    const created = await withRemedies(
      {
        token_exists: 'Add --replace, which ends the one that is there.',
        user_inactive: 'Run `manage activateuser` first if the account is to be used again.',
      },
      () => create(context, connection, owner, args),
    );
    await context.terminal.write(`${created.token}\n`);
    return { json: { kind: args.kind, ...created, user: { id: owner.id, username: owner.username } } };
  },
});

interface Wanted {
  readonly kind: string;
  readonly type: string;
  readonly age: number | undefined;
  readonly claim: readonly string[];
  readonly replace: boolean;
}

async function create(
  { settings, now }: Context,
  connection: Connection,
  owner: TokenOwner,
  { kind, type, age, claim, replace }: Wanted,
): Promise<CreatedToken> {
  const options = { now: now(), apps: settings.credentialApps };
  if (kind !== 'jwt' && claim.length > 0) throw new UsageError(`A token of kind ${kind} has no claims.`);
  if (replace && kind !== 'authtoken') throw new UsageError('--replace is for --kind authtoken.');
  if (kind === 'knox') return createKnoxToken(connection, owner, { ...options, ...(age === undefined ? {} : { age }) });
  if (kind === 'authtoken') {
    if (age !== undefined) throw new UsageError('A token of REST framework has no end, so --age means nothing for it.');
    return createAuthToken(connection, owner, { ...options, replace });
  }
  const { tokens } = settings;
  return createJwt(connection, owner, {
    ...requireTokenKeys(settings),
    ...options,
    type: type as TokenType,
    age: age ?? (type === 'access' ? tokens.accessAge : tokens.refreshAge),
    claims: parseClaims(claim),
    issuer: tokens.issuer,
    audience: tokens.audience,
    bindPassword: tokens.checkPassword,
  });
}

/** @throws UsageError for what has no name, or one that every token has. */
function parseClaims(texts: readonly string[]): Claims {
  const claims: Record<string, Claims[string]> = {};
  for (const text of texts) {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === '') throw new UsageError(`'${text}' is no claim.`, { hint: 'Write it as name=value.' });
    if (reserved.includes(name)) throw new UsageError(`The claim '${name}' is set by the token itself.`);
    claims[name] = jsonOr(value);
  }
  return claims;
}

function jsonOr(text: string): Claims[string] {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
