import { defineCommand } from '../command.js';
import { actorOptions, auditOf } from './shared/actor.js';
import { allCredentialsOption, endOrWarn, logEndedSessions, namedUsers } from './shared/credentials/credentials.js';
import { assertAllowed, destructive } from './shared/destructive.js';
import { database } from './shared/options.js';
import { assertSelected, confirmRevocation, revokeVisibly, showRevocation } from './shared/sessions/revocation.js';
import { resolveSelection, selectors } from './shared/sessions/selectors.js';

export default defineCommand({
  describe: 'Log users out by deleting their sessions.',
  positionals: { username: { placeholder: 'user', variadic: true, describe: 'User names, as with --user.' } },
  options: {
    ...database,
    ...selectors,
    except: {
      type: 'list',
      placeholder: 'KEY',
      describe: 'Spare this session: its key, at least 8 characters of it, or - for standard input.',
    },
    ...actorOptions,
    ...destructive,
    ...allCredentialsOption,
  },
  examples: [
    ['manage revokesessions --user alice', 'Log alice out everywhere.'],
    ['manage revokesessions --staff --older-than 30 --no-input', 'Make staff log in every 30 days.'],
    ['manage revokesessions --all --except 2b1189a1', 'Log out everybody but yourself.'],
  ],
  async run(context, { username, ...given }) {
    const args = { ...given, user: [...given.user, ...username] };
    assertSelected(args);
    const connection = await context.connect(args.database, { writes: !args.dryRun });
    if (!args.dryRun) assertAllowed(connection, args.allowProtected);
    const audit = await auditOf(context, connection, 'revokesessions', args);
    const selection = await resolveSelection(context, connection, args, args.except);
    if (args.dryRun) return showRevocation(context, connection, selection);
    if (!args.noInput) {
      const { agreed, doubtful } = await confirmRevocation(context, connection, selection);
      if (!agreed) return { json: { revoked: 0, doubtful, cancelled: true } };
    }
    const users = await namedUsers(connection, args.user);
    const { alongside, entries } = logEndedSessions(connection, users, audit);
    const { sessions, doubtful } = await revokeVisibly(context, connection, selection, { alongside });
    const { document, ...status } = await endOrWarn(context, connection, users, {
      allCredentials: args.allCredentials,
      actor: audit.actor,
      entries: entries(),
      exceptSessions: selection.except,
    });
    return { json: { revoked: sessions, doubtful, ...document }, ...status };
  },
});
