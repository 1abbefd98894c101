import { countTokens, revokeTokens, type TokenFilter } from '../apps/tokens.js';
import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { counted } from '../text.js';
import { findPerson, keyOf } from './shared/accounts/people.js';
import { kindLine } from './shared/credentials/credentials.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'End tokens: JSON Web Tokens go on the blacklist, API keys are revoked, others deleted.',
  options: {
    ...database,
    user: { type: 'list', placeholder: 'NAME', describe: 'Tokens of this user.' },
    kind: {
      type: 'list',
      placeholder: 'KIND',
      describe: 'jwt, authtoken, knox, api_key, oauth2_access, oauth2_refresh …',
    },
    jti: { type: 'string', placeholder: 'JTI', describe: 'The JSON Web Token with this name, which listtokens shows.' },
    all: { type: 'boolean', describe: 'All tokens.' },
    ...destructive,
  },
  examples: [
    ['manage revoketokens --user alice', 'every token of alice'],
    ['manage revoketokens --kind oauth2_access --kind oauth2_refresh --no-input', 'every OAuth login'],
  ],
  async run(context, args) {
    const { terminal, settings } = context;
    const isNarrowed = args.user.length + args.kind.length > 0 || args.jti !== undefined;
    if (args.all === isNarrowed) {
      throw new UsageError(args.all ? '--all cannot be used with other selectors.' : 'Name the tokens to end.', {
        code: 'no_selector',
        hint: 'Give --user, --kind or --jti; --all ends all.',
      });
    }
    const connection = await context.connect(args.database, { writes: !args.dryRun });
    if (!args.dryRun) assertAllowed(connection, args.allowProtected);
    const users = [];
    for (const name of args.user) users.push(keyOf(connection, await findPerson(connection, name)));
    const filter: TokenFilter = {
      users: args.user.length === 0 ? undefined : users,
      kinds: args.kind,
      jti: args.jti,
      apps: settings.credentialApps,
    };
    const now = context.now();
    if (args.dryRun || !args.noInput) {
      const counts = await countTokens(connection, filter, { now });
      const total = counts.reduce((sum, { count }) => sum + count, 0);
      const lines = counts.map((each) => `    ${kindLine(each)}`);
      if (args.dryRun) {
        await printPreview(terminal, [`${counted(total, 'token')} would be ended.`, ...lines]);
        return { json: { dryRun: true, ended: counts } };
      }
      const question = [`This will end ${counted(total, 'token')} in the database ${placeOf(connection)}:`, ...lines];
      const cancelled = 'No token was ended.';
      if (total > 0 && !(await confirmDestruction(terminal, { noInput: false, lines: question, cancelled }))) {
        return { json: { dryRun: false, ended: [], cancelled: true } };
      }
    }
    const ended = await revokeTokens(connection, filter, { now });
    for (const each of ended) terminal.say(`Ended ${kindLine(each)}.`);
    if (ended.length === 0) terminal.say('Ended 0 tokens.');
    return { json: { dryRun: false, ended } };
  },
});
