import { type Context, defineCommand } from '../command.js';
import type { Connection } from '../db/connect/connection.js';
import { UsageError } from '../errors.js';
import { countSessions, previewSessions, revokeSessions, type SelectionPreview } from '../sessions/admin/revoke.js';
import { findSessionOwners } from '../sessions/store/owners.js';
import { counted } from '../text.js';
import { allCredentialsOption, endAllCredentials, kindLine, warnOfRemaining } from './shared/credentials.js';
import { assertAllowed, confirmDestruction, destructive, placeOf, printPreview } from './shared/destructive.js';
import { database } from './shared/options.js';
import { findPerson } from './shared/people.js';
import {
  isAnythingSelected,
  resolveSelection,
  sayDoubtful,
  selectionContext,
  selectors,
} from './shared/session-selectors.js';

export default defineCommand({
  describe: 'Log users out by deleting their sessions.',
  positionals: { username: { variadic: true, describe: 'Users whose sessions are meant, as with --user.' } },
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
      throw new UsageError('Say which sessions are to end.', {
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
    const watched = watch(context, 'Reading sessions');

    if (args.dryRun) {
      const preview = await previewSessions(connection, selection, keys, { signal, ...watched }).finally(watched.stop);
      const { sessions, doubtful } = preview;
      const top = await topUsers(connection, preview);
      await printPreview(terminal, [`${counted(sessions, 'session')} would be ended.`, ...userLines(preview, top)]);
      sayDoubtful(context, doubtful, 'take the word of such sessions with --unverified.');
      return { json: { dryRun: true, sessions, doubtful, top } };
    }
    if (!args.noInput) {
      const { sessions, doubtful } = await countSessions(connection, selection, keys, { signal, ...watched }).finally(
        watched.stop,
      );
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
    return { json: { revoked: sessions, doubtful, ...(await endOrWarn(context, connection, args)) } };
  },
});

/** Ends the tokens of the users who are named too, or warns of them; of groups and of everybody nothing is said. */
async function endOrWarn(
  context: Context,
  connection: Connection,
  { user: names, allCredentials }: { readonly user: readonly string[]; readonly allCredentials: boolean },
) {
  const users = [];
  for (const name of new Set(names)) users.push(await findPerson(connection, name));
  if (users.length === 0) return {};
  if (!allCredentials) return warnOfRemaining(context, connection, users, { active: true });
  const { ended } = await endAllCredentials(context, connection, users);
  for (const each of ended) context.terminal.say(`Ended ${kindLine(each)}.`);
  return { ended, ...(await warnOfRemaining(context, connection, users, { active: true })) };
}

function watch({ terminal }: Context, label: string) {
  const progress = terminal.progress(label);
  return { onProgress: (seen: number) => progress.update(seen), stop: () => progress.stop() };
}

/** Users that a dry run names. */
const SHOWN_USERS = 10;

interface TopUser {
  readonly id: string;
  /** null where there is no such user. */
  readonly username: string | null;
  readonly sessions: number;
  /** Whether the accounts are where the settings say. */
  readonly known: boolean;
}

async function topUsers(connection: Connection, { users }: SelectionPreview): Promise<TopUser[]> {
  const top = [...users].sort(([, a], [, b]) => b - a).slice(0, SHOWN_USERS);
  const ids = top.map(([id]) => id);
  const { users: found, elsewhere } = await findSessionOwners(connection, ids);
  return top.map(([id, sessions]) => ({
    id,
    username: found.get(id)?.username ?? null,
    sessions,
    known: elsewhere === undefined,
  }));
}

function userLines({ sessions, users }: SelectionPreview, top: readonly TopUser[]): string[] {
  const sumOf = (counts: Iterable<number>) => [...counts].reduce((sum, count) => sum + count, 0);
  const ofUsers = sumOf(users.values());
  const others = ofUsers - sumOf(top.map((each) => each.sessions));
  return [
    ...top.map(
      (each) => `    ${each.sessions} of ${each.username ?? (each.known ? `${each.id} (no such user)` : each.id)}`,
    ),
    ...(others > 0 ? [`    ${others} of ${counted(users.size - top.length, 'more user')}`] : []),
    ...(ofUsers > 0 && ofUsers < sessions ? [`    ${sessions - ofUsers} of nobody known`] : []),
  ];
}
