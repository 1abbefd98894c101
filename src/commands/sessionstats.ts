import { defineCommand, type Terminal } from '../command.js';
import { type KeyCount, type SessionStats, sessionStats } from '../sessions/admin/stats.js';
import { findSessionOwners } from '../sessions/store/owners.js';
import { visible } from '../text.js';
import { database } from './shared/options.js';
import { selectionContext } from './shared/session-selectors.js';

export default defineCommand({
  describe: 'Count sessions: expired, anonymous, by user and by signing key.',
  options: {
    ...database,
    top: { type: 'integer', min: 0, max: 1000, default: 10, placeholder: 'N', describe: 'Number of users to show.' },
  },
  examples: [['manage sessionstats --json', 'for monitoring']],
  async run(context, { database: alias, top }) {
    const { terminal, signal, settings } = context;
    const connection = await context.connect(alias);
    const progress = terminal.progress('Reading sessions');
    const onProgress = (seen: number) => progress.update(seen);
    const stats = await sessionStats(connection, { ...selectionContext(context), top }, { signal, onProgress }).finally(
      () => progress.stop(),
    );
    if (signal.aborted) return undefined;
    const { users, elsewhere } = await findSessionOwners(
      connection,
      stats.top.map(({ id }) => id),
    );
    const named = stats.top.map((user) => ({ ...user, username: users.get(user.id)?.username ?? null }));
    await terminal.write(textOf({ ...stats, top: named }, terminal, elsewhere !== undefined));
    if (elsewhere !== undefined) terminal.warn(elsewhere);
    if (settings.secretKey === undefined) {
      terminal.warn('There is no secret key, so that no session could be verified: set SECRET_KEY.');
    }
    return { json: { ...stats, oldest: stats.oldest ?? null, newest: stats.newest ?? null, top: named } };
  },
});

type NamedStats = Omit<SessionStats, 'top'> & {
  readonly top: readonly { readonly id: string; readonly sessions: number; readonly username: string | null }[];
};

function textOf(stats: NamedStats, { style }: Terminal, elsewhere: boolean): string {
  const {
    total,
    active,
    expired,
    unreadableDates,
    anonymous,
    users,
    legacy,
    pickled,
    size,
    oldest,
    newest,
    keys,
    top,
  } = stats;
  const count = (label: string, value: number | string | undefined) =>
    value === undefined ? [] : [`  ${label.padEnd(22)}${value}`];
  const key = (label: string, { total: all, active: now }: KeyCount) => count(label, `${all} (${now} active)`);
  const lines = [
    style.heading('Sessions'),
    ...count('total', total),
    ...count('active', active),
    ...count('expired', expired),
    ...(unreadableDates > 0 ? count('unreadable date', unreadableDates) : []),
    ...count('anonymous', anonymous),
    ...count('users', users),
    ...(legacy > 0 ? count('of Django 3.0 or older', legacy) : []),
    ...(pickled > 0 ? count('pickles', pickled) : []),
    ...count('size', `${size.total} characters, the largest ${size.largest}`),
    ...count('oldest active', oldest),
    ...count('newest active', newest),
    style.heading('Signed with'),
    ...key('the current key', keys.current),
    ...keys.fallbacks.flatMap((fallback, index) => key(`fallback key ${index + 1}`, fallback)),
    ...key('none of these', keys.none),
    ...(keys.unreadable.total > 0 ? key('(cannot be read)', keys.unreadable) : []),
    ...(top.length > 0 ? [style.heading('Users with the most')] : []),
    ...top.flatMap(({ id, username, sessions }) =>
      count(visible(username ?? (elsewhere ? id : `${id} (no such user)`)), sessions),
    ),
  ];
  return `${lines.join('\n')}\n`;
}
