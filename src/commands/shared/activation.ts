import { setActive } from '../../auth/accounts/activation.js';
import type { Context } from '../../command.js';
import { transaction } from '../../db/transactions/transaction.js';
import { endSessionsOf, sayEnded } from './revoke-sessions.js';

export const usernames = {
  usernames: { required: true, variadic: true, describe: 'User names; compared exactly.' },
} as const;

export interface ActivationArguments {
  readonly usernames: readonly string[];
  readonly database: string;
  readonly force?: boolean;
  readonly revokeSessions?: boolean;
}

/** Changes whether these users may log in, ends their sessions if that is wanted, and says what became of it. */
export async function changeActive(context: Context, args: ActivationArguments, active: boolean) {
  const { terminal } = context;
  const { force = false, revokeSessions = false } = args;
  const connection = await context.connect(args.database);
  const { changed, ended } = await transaction(connection, async (bound) => ({
    changed: await setActive(bound, args.usernames, active, { force }),
    ended: revokeSessions ? await endSessionsOf(context, bound, args.usernames) : undefined,
  }));
  const unchanged = [...new Set(args.usernames)].filter((name) => !changed.includes(name));
  const state = active ? 'active' : 'inactive';
  for (const name of changed) terminal.say(`User '${name}' is ${state} now.`);
  for (const name of unchanged) terminal.say(`User '${name}' was ${state} already.`);
  return { changed, unchanged, ...(ended === undefined ? {} : { revokedSessions: sayEnded(context, ended) }) };
}
