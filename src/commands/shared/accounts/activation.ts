import { setActive } from '../../../auth/accounts/activation.js';
import type { Context } from '../../../command.js';
import { repeatableTransaction } from '../../../db/transactions/transaction.js';
import type { Row } from '../../../db/write/rows.js';
import { auditOf } from '../actor.js';
import { warnOfRemaining } from '../credentials/credentials.js';
import { endWanted, sayWantedEnded } from '../credentials/ending.js';
import { findPerson } from './people.js';

export const usernames = {
  usernames: {
    placeholder: 'user',
    required: true,
    variadic: true,
    describe: 'User names; compared exactly.',
  },
} as const;

export interface ActivationArguments {
  readonly usernames: readonly string[];
  readonly database: string;
  readonly force?: boolean;
  readonly actor?: string | undefined;
  readonly revokeSessions?: boolean;
  readonly allCredentials?: boolean;
}

/** Changes whether these users may log in, ends what else is wanted, and says what became of it, and what still lets them in. */
export async function changeActive(context: Context, args: ActivationArguments, active: boolean) {
  const { terminal } = context;
  const { force = false } = args;
  const connection = await context.connect(args.database, { writes: true });
  const audit = await auditOf(context, connection, active ? 'activateuser' : 'deactivateuser', args);
  const done = await repeatableTransaction(connection, async (bound) => {
    const changed = await setActive(bound, args.usernames, active, { force, ...audit });
    const users: Row[] = [];
    for (const name of new Set(args.usernames)) users.push(await findPerson(bound, name));
    return { changed, users, ended: await endWanted(context, bound, users, args, audit) };
  });
  const { changed, users, ended } = done;
  const unchanged = [...new Set(args.usernames)].filter((name) => !changed.includes(name));
  const state = active ? 'active' : 'inactive';
  for (const name of changed) terminal.say(`User '${name}' is ${state} now.`);
  for (const name of unchanged) terminal.say(`User '${name}' was ${state} already.`);
  const ends = sayWantedEnded(context, ended);
  const { document, ...status } = active
    ? { document: {} }
    : await warnOfRemaining(context, connection, users, {
        active: false,
        allCredentials: args.allCredentials === true,
      });
  return { json: { changed, unchanged, ...ends, ...document }, ...status };
}
