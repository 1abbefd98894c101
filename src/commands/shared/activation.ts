import { setActive } from '../../auth/accounts/activation.js';
import type { Context } from '../../command.js';

export const usernames = {
  usernames: { required: true, variadic: true, describe: 'User names; compared exactly.' },
} as const;

/** Changes whether these users may log in, and says of each what became of it. */
export async function changeActive(
  context: Context,
  args: { readonly usernames: readonly string[]; readonly database: string; readonly force?: boolean },
  active: boolean,
) {
  const { terminal } = context;
  const connection = await context.connect(args.database);
  const changed = await setActive(connection, args.usernames, active, { force: args.force ?? false });
  const unchanged = [...new Set(args.usernames)].filter((name) => !changed.includes(name));
  const state = active ? 'active' : 'inactive';
  for (const name of changed) terminal.say(`User '${name}' is ${state} now.`);
  for (const name of unchanged) terminal.say(`User '${name}' was ${state} already.`);
  return { changed, unchanged };
}
