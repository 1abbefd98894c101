import { type Context, defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { countSessions, revokeSessions } from '../sessions/revoke.js';
import { counted } from '../text.js';
import { assertAllowed, confirmDestruction, destructive, placeOf } from './_destructive.js';
import { database } from './_options.js';
import {
  isAnythingSelected,
  resolveSelection,
  sayDoubtful,
  selectionContext,
  selectors,
} from './_session-selectors.js';

export default defineCommand({
  describe: 'End sessions: log users out everywhere.',
  options: {
    ...database,
    ...selectors,
    except: {
      type: 'list',
      placeholder: 'KEY',
      describe: 'But not this session: its key, the first 8 characters of it or more, or - for standard input.',
    },
    ...destructive,
  },
  examples: [
    ['manage revokesessions --user alice', 'log alice out everywhere'],
    ['manage revokesessions --staff --older-than 30 --no-input', 'staff have to log in every 30 days'],
    ['manage revokesessions --all --except 2b1189a1', 'everybody but yourself'],
  ],
  async run(context, args) {
    if (!isAnythingSelected(args)) {
      throw new UsageError('Say which sessions are to end.', {
        code: 'no_selector',
        hint: 'Name users with --user, --group, --staff or --superusers, or give another selector; --all ends all.',
      });
    }
    const { terminal, signal } = context;
    const connection = await context.connect(args.database);
    if (!args.dryRun) assertAllowed(connection, args.allowProtected);
    const selection = await resolveSelection(context, connection, args, args.except);
    const keys = selectionContext(context);
    const watched = watch(context, 'Reading sessions');

    if (args.dryRun || !args.noInput) {
      const { sessions, doubtful } = await countSessions(connection, selection, keys, { signal, ...watched }).finally(
        watched.stop,
      );
      if (args.dryRun) {
        terminal.say(`${counted(sessions, 'session')} would be ended.`);
        sayDoubtful(context, doubtful, 'take the word of such sessions with --unverified.');
        return { json: { dryRun: true, sessions, doubtful } };
      }
      const lines = [`This will end ${counted(sessions, 'session')} in the database ${placeOf(connection)}.`];
      const cancelled = 'No session was ended.';
      if (sessions > 0 && !(await confirmDestruction(terminal, { noInput: args.noInput, lines, cancelled }))) {
        return { json: { revoked: 0, doubtful, cancelled: true } };
      }
    }

    const { sessions, doubtful } = await revokeSessions(connection, selection, keys, { signal, ...watched }).finally(
      watched.stop,
    );
    terminal.say(`Ended ${counted(sessions, 'session')}.`);
    sayDoubtful(context, doubtful, 'take the word of such sessions with --unverified.');
    return { json: { revoked: sessions, doubtful } };
  },
});

function watch({ terminal }: Context, label: string) {
  const progress = terminal.progress(label);
  return { onProgress: (seen: number) => progress.update(seen), stop: () => progress.stop() };
}
