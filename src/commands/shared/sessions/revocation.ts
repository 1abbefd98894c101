import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { UsageError } from '../../../errors.js';
import {
  countSessions,
  previewSessions,
  type RevokeOptions,
  revokeSessions,
  type SelectionCount,
} from '../../../sessions/admin/revoke.js';
import type { SessionSelection } from '../../../sessions/admin/selection.js';
import { counted } from '../../../text.js';
import { topUsers, userLines } from '../../reports/session-selection.js';
import { confirmDestruction, placeOf, printPreview } from '../destructive.js';
import { isAnythingSelected, type SelectorArguments, sayDoubtful, selectionContext } from './selectors.js';

const remedy = 'use --unverified to include them.';

/** @throws UsageError where no session is named, or tokens are to end of nobody in particular. */
export function assertSelected(args: SelectorArguments & { readonly allCredentials: boolean }): void {
  if (!isAnythingSelected(args)) {
    throw new UsageError('Name the sessions to end.', {
      code: 'no_selector',
      hint: 'Name users with --user, --group, --staff or --superusers, or give another selector; --all ends all.',
    });
  }
  if (args.allCredentials && args.user.length === 0) {
    throw new UsageError('--all-credentials ends tokens of users, so that they have to be named with --user.');
  }
}

/** Prints how many sessions would be ended and whose, with the document of that. */
export async function showRevocation(context: Context, connection: Connection, selection: SessionSelection) {
  const { terminal, signal } = context;
  const { stop, onProgress } = watch(context);
  const keys = selectionContext(context);
  const preview = await previewSessions(connection, selection, keys, { signal, onProgress }).finally(stop);
  const { sessions, doubtful } = preview;
  const top = await topUsers(connection, preview);
  await printPreview(terminal, [`${counted(sessions, 'session')} would be ended.`, ...userLines(preview, top)]);
  sayDoubtful(context, doubtful, remedy);
  return { json: { dryRun: true, sessions, doubtful, top } };
}

/** Asks before these sessions are ended; nobody is asked where there are none. */
export async function confirmRevocation(context: Context, connection: Connection, selection: SessionSelection) {
  const { terminal, signal } = context;
  const { stop, onProgress } = watch(context);
  const keys = selectionContext(context);
  const { sessions, doubtful } = await countSessions(connection, selection, keys, { signal, onProgress }).finally(stop);
  const lines = [`This will end ${counted(sessions, 'session')} in the database ${placeOf(connection)}.`];
  const question = { noInput: false, lines, cancelled: 'No session was ended.' };
  return { agreed: sessions === 0 || (await confirmDestruction(terminal, question)), doubtful };
}

/** Ends these sessions, and says how many there were. */
export async function revokeVisibly(
  context: Context,
  connection: Connection,
  selection: SessionSelection,
  { alongside }: Pick<RevokeOptions, 'alongside'>,
): Promise<SelectionCount> {
  const { terminal, signal } = context;
  const { stop, ...listeners } = watch(context);
  const keys = selectionContext(context);
  const ended = await revokeSessions(connection, selection, keys, { signal, alongside, ...listeners }).finally(stop);
  terminal.say(`Ended ${counted(ended.sessions, 'session')}.`);
  sayDoubtful(context, ended.doubtful, remedy);
  return ended;
}

/** Shows how many sessions have been read, and then how many of them are ended. */
function watch({ terminal }: Context) {
  let progress = terminal.progress('Reading sessions');
  let ending = false;
  const onDeleted = (deleted: number, total: number) => {
    if (!ending) {
      progress.stop();
      progress = terminal.progress('Ending sessions');
      ending = true;
    }
    progress.update(deleted, total);
  };
  return {
    onProgress: (seen: number) => progress.update(seen),
    // They are counted for it.
    ...(progress.shown && { onDeleted }),
    stop: () => progress.stop(),
  };
}
