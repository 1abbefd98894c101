import type { TokenFilter } from '../../../apps/tokens.js';
import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { UsageError } from '../../../errors.js';
import { findPerson } from '../accounts/people.js';

/** Which tokens are meant. */
export const tokenSelectors = {
  user: { type: 'list', placeholder: 'USER', describe: 'Tokens of this user.' },
  kind: {
    type: 'list',
    placeholder: 'KIND',
    describe: 'Tokens of this kind: jwt, authtoken, knox, api_key, oauth2_access, oauth2_refresh …',
  },
  jti: { type: 'string', placeholder: 'JTI', describe: 'The JSON Web Token with this jti, as listtokens shows it.' },
  all: { type: 'boolean', describe: 'All tokens.' },
} as const;

interface TokenArguments {
  readonly user: readonly string[];
  readonly kind: readonly string[];
  readonly jti: string | undefined;
  readonly all: boolean;
}

/** @throws UsageError where no token is named, or all are and some. */
export function assertTokensNamed(args: TokenArguments): void {
  const isNarrowed = args.user.length + args.kind.length > 0 || args.jti !== undefined;
  if (args.all === isNarrowed) {
    throw new UsageError(args.all ? '--all cannot be used with other selectors.' : 'Name the tokens to end.', {
      code: 'no_selector',
      hint: 'Give --user, --kind or --jti; --all ends all.',
    });
  }
}

/** What the options come to. @throws CommandError for a user who does not exist. */
export async function tokenFilter(
  { settings }: Pick<Context, 'settings'>,
  connection: Connection,
  { user, kind, jti }: TokenArguments,
): Promise<TokenFilter> {
  const users = [];
  for (const name of user) users.push((await findPerson(connection, name)).pk);
  const given = <T>(list: readonly T[]) => (list.length === 0 ? undefined : list);
  return { users: given(users), kinds: given(kind), jti, apps: settings.credentialApps };
}
