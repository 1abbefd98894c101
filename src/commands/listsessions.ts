import { defineCommand, type Terminal } from '../command.js';
import type { Connection } from '../db/connect/connection.js';
import { selectedSessions } from '../sessions/admin/revoke.js';
import type { InspectedSession } from '../sessions/admin/selection.js';
import { isoTime } from '../sessions/codec/codec.js';
import { findSessionOwners, type SessionOwners } from '../sessions/store/owners.js';
import { shortKey } from '../sessions/store/store.js';
import type { SessionUser } from '../sessions/store/users.js';
import { counted, visible } from '../text.js';
import { database } from './shared/options.js';
import { resolveSelection, selectionContext, selectors } from './shared/session-selectors.js';

export default defineCommand({
  describe: 'List sessions with their users.',
  positionals: { username: { variadic: true, describe: 'Users whose sessions are meant, as with --user.' } },
  options: {
    ...database,
    ...selectors,
    showKeys: { type: 'boolean', describe: 'Show whole keys, which are as good as passwords.' },
    limit: { type: 'integer', min: 1, placeholder: 'N', describe: 'Show at most this many.' },
  },
  examples: [
    ['manage listsessions --user alice --active', 'where alice is logged in'],
    ['manage listsessions --staff --older-than 30', 'sessions of staff that were signed more than 30 days ago'],
  ],
  async run(context, { username, ...given }) {
    const args = { ...given, user: [...given.user, ...username] };
    const { terminal, signal } = context;
    const { showKeys, limit = Number.POSITIVE_INFINITY } = args;
    const connection = await context.connect(args.database);
    const selection = await resolveSelection(context, connection, args);
    const documents: SessionDocument[] = [];
    let shown = 0;
    let headed = false;
    let warned = false;
    const heading = ([first]: readonly SessionDocument[]) => {
      if (headed || first === undefined) return '';
      headed = true;
      return headingOf(first, terminal);
    };
    const progress = terminal.progress('Reading sessions');
    const scan = { signal, onProgress: (seen: number) => progress.update(seen) };
    try {
      for await (const page of selectedSessions(connection, selection, selectionContext(context), scan)) {
        const some = page.slice(0, limit - shown);
        shown += some.length;
        const { users, elsewhere } = await ownersOf(connection, some);
        if (elsewhere !== undefined && !warned) terminal.warn(elsewhere);
        warned ||= elsewhere !== undefined;
        const found = some.map((session) => documentOf(session, users, showKeys));
        if (terminal.json) documents.push(...found);
        else await terminal.write(heading(found) + found.map((each) => lineOf(each, terminal, warned)).join(''));
        if (shown >= limit) break;
      }
    } finally {
      progress.stop();
    }
    terminal.note(`${counted(shown, 'session')}.`);
    return { json: { sessions: documents } };
  },
});

/** One session, as `--json` has it. */
interface SessionDocument {
  readonly key: string;
  /** Null where the database holds no moment for its end. */
  readonly active: boolean | null;
  readonly verified: boolean | null;
  readonly keyIndex: number | null;
  readonly signedAt: string | null;
  readonly expires: string | null;
  readonly user: { readonly id: string; readonly username: string | null } | null;
}

function ownersOf(connection: Connection, page: readonly InspectedSession[]): Promise<SessionOwners> {
  const ids = page.flatMap(({ userId }) => (userId === undefined ? [] : [userId]));
  return findSessionOwners(connection, ids);
}

function documentOf(
  { key, alive, summary, userId, expires }: InspectedSession,
  users: ReadonlyMap<string, SessionUser>,
  showKeys: boolean,
): SessionDocument {
  return {
    key: showKeys ? key : shortKey(key),
    active: alive ?? null,
    verified: summary === undefined ? false : summary.verified,
    keyIndex: summary?.keyIndex ?? null,
    signedAt: summary?.signedAt === undefined ? null : isoTime(summary.signedAt),
    expires: expires() ?? null,
    user: userId === undefined ? null : { id: userId, username: users.get(userId)?.username ?? null },
  };
}

/** The columns of {@link lineOf}: keys are as long as the first one, times in UTC. */
function headingOf({ key }: SessionDocument, { style }: Terminal): string {
  const [signed, end] = ['SIGNED (UTC)', 'EXPIRES (UTC)'].map((text) => text.padEnd(19));
  return `${style.heading(`${'KEY'.padEnd(key.length)}  ${signed}  ${end}  STATE    USER`)}\n`;
}

function lineOf(
  { key, active, verified, signedAt, expires, user }: SessionDocument,
  { style }: Terminal,
  elsewhere: boolean,
): string {
  const state = active === null ? style.warning('unknown') : active ? style.success('active ') : style.dim('expired');
  const [signed, end] = [signedAt ?? '-', expires ?? 'unreadable date'].map((time) => time.slice(0, 19).padEnd(19));
  return `${visible(key)}  ${signed}  ${end}  ${state}  ${nameOf(user, verified, style, elsewhere)}\n`;
}

function nameOf(
  user: SessionDocument['user'],
  verified: boolean | null,
  style: Terminal['style'],
  elsewhere: boolean,
): string {
  if (user !== null && elsewhere) return visible(user.id);
  if (user !== null) return visible(user.username ?? '') || style.warning(`${visible(user.id)} (no such user)`);
  if (verified === true) return style.dim('anonymous');
  return style.warning(verified === null ? 'not verified' : 'not signed with a known key');
}
