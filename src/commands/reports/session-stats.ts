import type { Terminal } from '../../command.js';
import type { KeyCount, SessionStats } from '../../sessions/admin/stats.js';
import type { NamedUser } from '../../sessions/store/users.js';
import { visible } from '../../text.js';
import { padded } from '../../ui/table.js';

type NamedStats = Omit<SessionStats, 'top'> & {
  readonly top: readonly (NamedUser & { readonly sessions: number })[];
};

/** The numbers as a text of several lines. */
export function statsText(stats: NamedStats, { style }: Terminal, elsewhere: boolean): string {
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
    value === undefined ? [] : [`  ${padded(label, 22)}${value}`];
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
