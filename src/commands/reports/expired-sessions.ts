import type { Context, Terminal } from '../../command.js';
import type { ClearResult } from '../../sessions/admin/clear.js';
import { counted } from '../../text.js';

/** Warns of sessions whose expiry date cannot be read: nobody can tell whether they are expired. */
export function warnOfUnreadable({ warn }: Terminal, unreadable: number): void {
  if (unreadable === 0) return;
  const [has, are] =
    unreadable === 1 ? ['has an unreadable expiry date', 'is'] : ['have unreadable expiry dates', 'are'];
  warn(`${counted(unreadable, 'session')} ${has} and ${are} left alone. \`manage listsessions\` shows them.`);
}

/** Says that another run does it, with the document of that. */
export function saySkipped({ terminal }: Context, unreadable: number) {
  terminal.say('Another run is removing expired sessions; nothing was done.');
  return { json: { deleted: 0, batches: 0, seconds: 0, stopped: null, running: true, unreadable } };
}

/** Says how many sessions were removed, and of how many where some are left. */
export function sayCleared({ say, note }: Terminal, { deleted, stopped }: ClearResult, left: number): void {
  if (stopped === 'interrupted') {
    note(`${counted(deleted, 'expired session')} were removed before the interruption; run it again to continue.`);
    return;
  }
  const total = deleted + left;
  const of = left === 0 ? '' : ` of ${total}`;
  say(`Removed ${deleted}${of} expired ${total === 1 ? 'session' : 'sessions'}.`);
}
