import type { AuditOptions } from '../../../audit/write.js';
import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import type { Row } from '../../../db/write/rows.js';
import type { SelectionCount } from '../../../sessions/admin/revoke.js';
import { nameOf } from '../accounts/people.js';
import { assertRevocable, endSessionsOf, revokeOption, sayEnded } from '../sessions/revoke.js';
import { type AllEnded, allCredentialsOption, endAllCredentials, sayAllEnded } from './credentials.js';

/** Options of commands that shut somebody out: what ends besides. */
export const endingOptions = { ...revokeOption, ...allCredentialsOption } as const;

interface EndingArguments {
  readonly revokeSessions?: boolean;
  readonly allCredentials?: boolean;
}

/** What {@link endWanted} has ended. */
export interface Ended {
  readonly sessions: SelectionCount | undefined;
  readonly all: AllEnded | undefined;
}

/** @throws CommandError where sessions are to end, and there is no secret key to tell whose they are. */
export function assertEnding(
  context: Context,
  { revokeSessions = false, allCredentials = false }: EndingArguments,
): void {
  assertRevocable(context, revokeSessions && !allCredentials);
}

/** Ends what is asked for of these users, rows of the user model, in the transaction of the connection. */
export async function endWanted(
  context: Context,
  connection: Connection,
  users: readonly Row[],
  { revokeSessions = false, allCredentials = false }: EndingArguments,
  audit: AuditOptions,
): Promise<Ended> {
  if (allCredentials) return { sessions: undefined, all: await endAllCredentials(context, connection, users, audit) };
  if (!revokeSessions) return { sessions: undefined, all: undefined };
  const names = users.map((user) => nameOf(connection, user));
  return { sessions: await endSessionsOf(context, connection, names), all: undefined };
}

/** Says what was ended; resolves with that for the document. */
export function sayWantedEnded(
  context: Context,
  { sessions, all }: Ended,
  say: (line: string) => void = context.terminal.say,
) {
  return {
    ...(sessions === undefined ? {} : { revokedSessions: sayEnded(context, sessions, say) }),
    ...(all === undefined ? {} : sayAllEnded(all, say)),
  };
}
