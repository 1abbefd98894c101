import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { CommandError, UsageError } from '../../../errors.js';
import { needsKey, type SelectionContext, type SessionSelection } from '../../../sessions/admin/selection.js';
import { resolveUserSelector } from '../../../sessions/admin/user-selectors.js';
import { resolveSessionKeys, unknownSession } from '../../../sessions/store/store.js';
import type { ParsedSettings } from '../../../settings/settings.js';
import { counted } from '../../../text.js';
import { readStdin } from '../../../ui/stdin.js';

/** Which sessions are meant: options of listsessions and revokesessions. */
export const selectors = {
  user: { type: 'list', placeholder: 'USER', describe: 'Sessions of this user.' },
  group: { type: 'list', placeholder: 'NAME', describe: 'Sessions of the members of this group.' },
  staff: { type: 'boolean', describe: 'Sessions of staff.' },
  superusers: { type: 'boolean', describe: 'Sessions of superusers.' },
  anonymous: { type: 'boolean', describe: 'Anonymous sessions.' },
  key: {
    type: 'list',
    placeholder: 'KEY',
    describe: 'This session: its key, at least 8 characters of it, or - to read keys from standard input.',
  },
  all: { type: 'boolean', describe: 'All sessions.' },
  expired: { type: 'boolean', describe: 'Only expired ones.' },
  active: { type: 'boolean', describe: 'Only active ones.' },
  olderThan: {
    type: 'integer',
    unit: 'days',
    min: 0,
    max: 100_000,
    placeholder: 'DAYS',
    describe: 'Only ones signed longer ago than this.',
  },
  unverified: {
    type: 'boolean',
    describe: 'Also trust sessions whose signature does not verify.',
  },
} as const;

/** What the options above come to. */
export interface SelectorArguments {
  readonly user: readonly string[];
  readonly group: readonly string[];
  readonly staff: boolean;
  readonly superusers: boolean;
  readonly anonymous: boolean;
  readonly key: readonly string[];
  readonly all: boolean;
  readonly expired: boolean;
  readonly active: boolean;
  readonly olderThan: number | undefined;
  readonly unverified: boolean;
}

/** Whether any session is excluded or named: without that nothing is to be revoked. */
export function isAnythingSelected(args: SelectorArguments): boolean {
  return args.all || isNarrowed(args);
}

function isNarrowed(args: SelectorArguments): boolean {
  const { user, group, staff, superusers, anonymous, key, expired, active, olderThan } = args;
  const lists = user.length + group.length + key.length;
  return lists > 0 || staff || superusers || anonymous || expired || active || olderThan !== undefined;
}

/**
 * The sessions that the options name.
 *
 * @throws UsageError where they contradict each other, CommandError for users, groups and keys that do not exist (keys on
 * standard input are only counted), and where there is no secret key to verify sessions with.
 */
export async function resolveSelection(
  context: Pick<Context, 'settings' | 'stdin' | 'now' | 'terminal'>,
  connection: Connection,
  args: SelectorArguments,
  except: readonly string[] = [],
): Promise<SessionSelection> {
  const { settings, now } = context;
  const { anonymous, unverified, expired, active, olderThan } = args;
  if (expired && active) throw new UsageError('--expired and --active exclude each other.');
  if (args.all && isNarrowed(args)) throw new UsageError('--all cannot be used with other selectors.');
  const who = { users: args.user, groups: args.group, staff: args.staff, superusers: args.superusers };
  const users = await resolveUserSelector(connection, who);
  const keys = args.key.length === 0 ? undefined : await resolveKeys(context, connection, args.key);
  const selection: SessionSelection = {
    anonymous,
    unverified,
    except: await resolveKeys(context, connection, except),
    ...(users === undefined ? {} : { users }),
    ...(keys === undefined ? {} : { keys }),
    ...(expired ? { state: 'expired' } : active ? { state: 'active' } : {}),
    ...(olderThan === undefined ? {} : { signedBefore: new Date(now().getTime() - olderThan * 86_400_000) }),
  };
  assertKeyFor(settings, selection);
  return selection;
}

/** @throws CommandError where it takes a secret key to tell which sessions are meant, and there is none. */
export function assertKeyFor({ secretKey }: Pick<ParsedSettings, 'secretKey'>, selection: SessionSelection): void {
  if (secretKey !== undefined || !needsKey(selection)) return;
  throw new CommandError('There is no secret key to verify sessions with.', {
    code: 'no_secret_key',
    hint: 'Set SECRET_KEY to that of the Django project. (`revokesessions --unverified` trusts unverified sessions.)',
  });
}

/** Says how many sessions may have been meant too; `remedy` is what to do about them. */
export function sayDoubtful({ terminal }: Pick<Context, 'terminal'>, doubtful: number, remedy: string): void {
  if (doubtful === 0) return;
  const [are, say] = doubtful === 1 ? ['is', 'says'] : ['are', 'say'];
  terminal.warn(
    `${counted(doubtful, 'more session')} ${say} to belong here and ${are} signed with none of the secret keys; ${remedy}`,
  );
}

/** What sessions are read with, by the settings. */
export function selectionContext({ settings, now }: Pick<Context, 'settings' | 'now'>): SelectionContext {
  const { secretKey, secretKeyFallbacks, session } = settings;
  const { cookieAge, legacySha1 } = session;
  return { secretKey, secretKeyFallbacks, legacySha1, cookieAge, now: now() };
}

/** Bytes of keys on standard input. */
const maxKeysLength = 1_000_000;

async function resolveKeys(
  { stdin, terminal }: Pick<Context, 'stdin' | 'terminal'>,
  connection: Connection,
  given: readonly string[],
): Promise<ReadonlySet<string>> {
  const named = await resolveSessionKeys(
    connection,
    given.filter((text) => text !== '-'),
  );
  const [first] = named.missing;
  if (first !== undefined) throw unknownSession(first);
  if (!given.includes('-')) return named.keys;
  const lines = (await readStdin({ stdin }, maxKeysLength)).split(/\s+/).filter((text) => text !== '');
  const { keys, missing } = await resolveSessionKeys(connection, lines);
  // Who makes a list of keys cannot know which of them are still there when it is read.
  if (missing.length > 0) {
    terminal.warn(
      `${counted(missing.length, 'key')} on standard input ${missing.length === 1 ? 'is' : 'are'} of no session.`,
    );
  }
  return new Set([...named.keys, ...keys]);
}
