import { countTokens, revokeTokens, unknownTokens } from '../apps/tokens.js';
import { defineCommand } from '../command.js';
import { counted } from '../text.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { kindLine, leftAlone, noteUnknown } from './shared/credentials/credentials.js';
import { assertTokensNamed, tokenFilter, tokenSelectors } from './shared/credentials/token-selectors.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Revoke tokens: JSON Web Tokens are blacklisted, API keys revoked, others deleted.',
  positionals: { username: { placeholder: 'user', variadic: true, describe: 'User names, as with --user.' } },
  options: {
    ...database,
    ...tokenSelectors,
    ...actorOptions,
    ...destructive,
  },
  examples: [
    ['manage revoketokens --user alice', 'End every token of alice.'],
    ['manage revoketokens --kind oauth2_access --kind oauth2_refresh --no-input', 'End every OAuth login.'],
  ],
  async run(context, { username, ...given }) {
    const args = { ...given, user: [...given.user, ...username] };
    const { terminal } = context;
    assertTokensNamed(args);
    const connection = await context.connect(args.database, { writes: !args.dryRun });
    if (!args.dryRun) assertAllowed(connection, args.allowProtected);
    const filter = await tokenFilter(context, connection, args);
    const now = context.now();
    const unknown = await unknownTokens(connection, filter);
    noteUnknown(terminal, unknown);
    const audit = await auditOf(context, connection, 'revoketokens', args);
    if (args.dryRun || !args.noInput) {
      const counts = await countTokens(connection, filter, { now });
      const total = counts.reduce((sum, { count }) => sum + count, 0);
      const lines = counts.map((each) => `    ${kindLine(each)}`);
      if (args.dryRun) {
        await printPreview(terminal, [`${counted(total, 'token')} would be ended.`, ...lines]);
        return { json: { dryRun: true, ended: counts, unknown } };
      }
      const question = [`This will end ${counted(total, 'token')} in the database ${placeOf(connection)}:`, ...lines];
      const cancelled = 'No token was ended.';
      if (total > 0 && !(await confirmDestruction(terminal, { noInput: false, lines: question, cancelled }))) {
        return { json: { dryRun: false, ended: [], unknown, cancelled: true } };
      }
    }
    const ended = await revokeTokens(connection, filter, { ...audit, now });
    for (const each of ended) terminal.say(`Ended ${kindLine(each)}.`);
    if (ended.length === 0) terminal.say('Ended 0 tokens.');
    return { json: { dryRun: false, ended, unknown }, ...leftAlone(terminal, unknown) };
  },
});
