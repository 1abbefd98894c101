import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { revokeSessions, type SelectionCount } from '../../../sessions/admin/revoke.js';
import { resolveUserSelector } from '../../../sessions/admin/user-selectors.js';
import { counted } from '../../../text.js';
import { assertKeyFor, sayDoubtful, selectionContext } from './selectors.js';

/** An option of commands that shut somebody out. */
export const revokeOption = {
  revokeSessions: { type: 'boolean', describe: 'Also end their sessions.' },
} as const;

/** @throws CommandError where sessions are to be deleted, and there is no secret key to tell whose they are. */
export function assertRevocable({ settings }: Context, wanted: boolean): void {
  if (wanted) assertKeyFor(settings, { users: new Set() });
}

/** Users whose sessions are meant, to be asked for before they are deleted. */
export const ownersOf = (connection: Connection, usernames: readonly string[]) =>
  resolveUserSelector(connection, { users: usernames, groups: [], staff: false, superusers: false });

type Owners = Awaited<ReturnType<typeof ownersOf>>;

async function endSessions(context: Context, connection: Connection, owners: Owners): Promise<SelectionCount> {
  if (owners === undefined) return { sessions: 0, doubtful: 0 };
  const { signal } = context;
  const ended = await revokeSessions(connection, { users: owners }, selectionContext(context), { signal });
  // What was committed before is done, but not all of this is.
  signal.throwIfAborted();
  return ended;
}

/** Deletes the sessions of these users, in the transaction of `connection` if it is of one. */
export const endSessionsOf = async (context: Context, connection: Connection, usernames: readonly string[]) =>
  endSessions(context, connection, await ownersOf(connection, usernames));

/** Says how many sessions were ended, and resolves with that. */
export function sayEnded(
  context: Context,
  { sessions, doubtful }: SelectionCount,
  say: (line: string) => void = context.terminal.say,
): number {
  say(`Ended ${counted(sessions, 'session')}.`);
  sayDoubtful(context, doubtful, 'end such sessions with `manage revokesessions --unverified`.');
  return sessions;
}

/** Deletes the sessions of users that may be deleted by now, says how many there were, and resolves with that. */
export async function revokeSessionsOf(context: Context, connection: Connection, owners: Owners): Promise<number> {
  return sayEnded(context, await endSessions(context, connection, owners));
}
