import { type Context, defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { countSessions, previewSessions, revokeSessions } from '../sessions/admin/revoke.js';
import { counted } from '../text.js';
import { topUsers, userLines } from './reports/session-selection.js';
import { allCredentialsOption, endOrWarn } from './shared/credentials/credentials.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database } from './shared/options.js';
import {
  isAnythingSelected,
  resolveSelection,
  sayDoubtful,
  selectionContext,
  selectors,
} from './shared/sessions/selectors.js';

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
    ...destructive,
    ...allCredentialsOption,
  },
  examples: [
    ['manage revokesessions --user alice', 'log alice out everywhere'],
    ['manage revokesessions --staff --older-than 30 --no-input', 'staff have to log in every 30 days'],
    ['manage revokesessions --all --except 2b1189a1', 'everybody but yourself'],
  ],
  async run(context, { username, ...given }) {
    const args = { ...given, user: [...given.user, ...username] };
    if (!isAnythingSelected(args)) {
      throw new UsageError('Name the sessions to end.', {
        code: 'no_selector',
        hint: 'Name users with --user, --group, --staff or --superusers, or give another selector; --all ends all.',
      });
    }
    if (args.allCredentials && args.user.length === 0) {
      throw new UsageError('--all-credentials ends tokens of users, so that they have to be named with --user.');
    }
    const { terminal, signal } = context;
    const connection = await context.connect(args.database, { writes: !args.dryRun });
    if (!args.dryRun) assertAllowed(connection, args.allowProtected);
    const selection = await resolveSelection(context, connection, args, args.except);
    const keys = selectionContext(context);
    const { stop, onProgress, onDeleted } = watch(context);
    const options = { signal, onProgress };

    if (args.dryRun) {
      const preview = await previewSessions(connection, selection, keys, options).finally(stop);
      const { sessions, doubtful } = preview;
      const top = await topUsers(connection, preview);
      await printPreview(terminal, [`${counted(sessions, 'session')} would be ended.`, ...userLines(preview, top)]);
      sayDoubtful(context, doubtful, 'use --unverified to include them.');
      return { json: { dryRun: true, sessions, doubtful, top } };
    }
    if (!args.noInput) {
      const { sessions, doubtful } = await countSessions(connection, selection, keys, options).finally(stop);
      const lines = [`This will end ${counted(sessions, 'session')} in the database ${placeOf(connection)}.`];
      const cancelled = 'No session was ended.';
      if (sessions > 0 && !(await confirmDestruction(terminal, { noInput: args.noInput, lines, cancelled }))) {
        return { json: { revoked: 0, doubtful, cancelled: true } };
      }
    }

    const { sessions, doubtful } = await revokeSessions(connection, selection, keys, { ...options, onDeleted }).finally(
      stop,
    );
    terminal.say(`Ended ${counted(sessions, 'session')}.`);
    sayDoubtful(context, doubtful, 'use --unverified to include them.');
    return { json: { revoked: sessions, doubtful, ...(await endOrWarn(context, connection, args)) } };
  },
});

/** Shows how many sessions have been read, and then how many of them are ended. */
function watch({ terminal }: Context) {
  let progress = terminal.progress('Reading sessions');
  let ending = false;
  return {
    onProgress: (seen: number) => progress.update(seen),
    onDeleted(deleted: number, total: number | undefined) {
      if (!ending) {
        progress.stop();
        progress = terminal.progress('Ending sessions');
        ending = true;
      }
      progress.update(deleted, total);
    },
    stop: () => progress.stop(),
  };
}
