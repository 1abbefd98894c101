import type { Credential } from '../../../apps/credentials.js';
import { type EndedCredentials, remainingCredentials } from '../../../apps/end.js';
import { findApps, type HeldKinds, mayHold, type UnknownVersion } from '../../../apps/find.js';
import { endedGroups, type OffboardOptions, offboard } from '../../../apps/offboard.js';
import { type AuditOptions, type LogEvent, logAlongside } from '../../../audit/write.js';
import { userModelOf } from '../../../auth/accounts/user-model.js';
import type { Context, Terminal } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import type { Row } from '../../../db/write/rows.js';
import { findModel } from '../../../registry/define.js';
import { counted, several } from '../../../text.js';
import { findPerson, keyOf } from '../accounts/people.js';

/** An option of commands that shut somebody out of one thing. */
export const allCredentialsOption = {
  allCredentials: {
    type: 'boolean',
    describe: 'Also end their sessions, and their tokens in the tables of third-party apps.',
  },
} as const;

/** Says which apps are there in a version that nobody knows: nothing in them was read or changed. */
export function noteUnknown(terminal: Pick<Terminal, 'warn'>, unknown: readonly UnknownVersion[]): void {
  for (const { app, reason, holds } of unknown) {
    const what = holds.length === 0 ? '' : ': it may hold credentials that are not among these';
    terminal.warn(`The app '${app}' was left alone${what}. ${reason}`);
  }
}

/**
 * Says at the end which apps may still let in, since nobody knows their version, and resolves with the status that makes scripts
 * look: not all that was asked for is done.
 */
export function leftAlone(
  terminal: Pick<Terminal, 'warn'>,
  unknown: readonly UnknownVersion[],
  meant: HeldKinds = {},
): { readonly exitCode?: 1 } {
  const names = mayHold(unknown, meant).map(({ app }) => `'${app}'`);
  if (names.length === 0) return {};
  const whose = names.length === 1 ? `the app ${names[0]} holds` : `the apps ${several(names)} hold`;
  terminal.warn(`Not everything has ended: what ${whose} may still let in.`);
  return { exitCode: 1 };
}

/** Credentials by kind and table, with how many there are. */
export function countByKind(credentials: readonly Credential[]): EndedCredentials[] {
  const counts = new Map<string, EndedCredentials>();
  for (const { kind, group, app, table } of credentials) {
    const key = `${kind} ${table}`;
    counts.set(key, { kind, group, app, table, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
}

/** `2 x oauth2_access (oauth2_provider_accesstoken)`. */
export const kindLine = ({ kind, table, count }: EndedCredentials) => `${count} x ${kind} (${table})`;

/** What {@link endAllCredentials} has ended. */
export interface AllEnded {
  readonly revokedSessions: number;
  readonly ended: readonly EndedCredentials[];
}

/**
 * Ends sessions and tokens of these users, rows of the user model, whose accounts stay as they are, in the transaction of the
 * connection if it is of one.
 */
export async function endAllCredentials(
  { settings, now, signal }: Context,
  connection: Connection,
  users: readonly Row[],
  more: Pick<OffboardOptions, 'actor' | 'entries' | 'exceptSessions'>,
): Promise<AllEnded> {
  const options = { now: now(), apps: settings.credentialApps, keepActive: true, signal };
  const { sessions, ended } = await offboard(connection, users, { ...options, ...more });
  return { revokedSessions: sessions, ended };
}

/** Says what was ended, and resolves with that. */
export function sayAllEnded(all: AllEnded, say: (line: string) => void): AllEnded {
  say(`Ended ${counted(all.revokedSessions, 'session')}.`);
  for (const each of all.ended) say(`Ended ${kindLine(each)}.`);
  return all;
}

/** What {@link warnOfRemaining} has to say in the document, and the status where not all has ended that should. */
export interface Remaining {
  readonly document: {
    readonly remaining?: readonly EndedCredentials[];
    readonly ended?: readonly EndedCredentials[];
    readonly unknown?: readonly UnknownVersion[];
  };
  readonly exitCode?: 1;
}

/**
 * Warns of what still lets these users in though their sessions end: most people take those for all. Resolves with what there
 * is for the document; with nothing where no third-party app has tables.
 */
export async function warnOfRemaining(
  { settings, now, terminal }: Context,
  connection: Connection,
  users: readonly Row[],
  { active, allCredentials = false }: { readonly active: boolean; readonly allCredentials?: boolean },
): Promise<Remaining> {
  const found = await findApps(connection, settings.credentialApps);
  const { unknown } = found;
  if (found.apps.length + unknown.length === 0) return { document: {} };
  noteUnknown(terminal, mayHold(unknown, { groups: new Set(['session', 'token', 'social']) }));
  const keys = users.map((user) => keyOf(connection, user));
  const remaining = await remainingCredentials(found, keys, { active, now: now() });
  if (remaining.length > 0) {
    const social = remaining.some(({ group }) => group === 'social');
    const remedy = remaining.every(({ group }) => group === 'social')
      ? 'manage offboard --social removes them.'
      : `--all-credentials ends tokens${social ? ', and manage offboard --social logins through other sites' : ''}.`;
    terminal.warn(`These still let in: ${remaining.map(kindLine).join(', ')}; ${remedy}`);
  }
  return {
    document: { remaining, unknown },
    ...(allCredentials ? leftAlone(terminal, unknown, { groups: endedGroups({}) }) : {}),
  };
}

/** What the log says where sessions of these users have ended; one entry for all where they were not chosen by name. */
function sessionsEnded({ registry }: Connection, users: readonly Row[], count: number): LogEvent[] {
  const sessions = findModel(registry, 'sessions.session');
  if (users.length === 0) {
    const repr = counted(count, 'session');
    return sessions === undefined ? [] : [{ action: 'deletion', model: sessions, pk: null, repr, messages: [] }];
  }
  const { model, username } = userModelOf(registry);
  return users.map((user) => {
    const pk = user[model.primaryKey.name] ?? null;
    const messages = [{ changed: { fields: ['Sessions'] } }];
    return { action: 'change', model, pk, repr: String(user[username.name] ?? pk), messages };
  });
}

/** The users that were named, each once. */
export async function namedUsers(connection: Connection, names: readonly string[]): Promise<Row[]> {
  const users = [];
  for (const name of new Set(names)) users.push(await findPerson(connection, name));
  return users;
}

/** Writes into the log, in the transactions in which they end, that sessions of these users have ended. */
export const logEndedSessions = (connection: Connection, users: readonly Row[], audit: AuditOptions) =>
  logAlongside((count) => sessionsEnded(connection, users, count), audit);

/**
 * After sessions have ended: ends the tokens of the users that were named, or warns of those. The `entries` that the log has of
 * the sessions say so too.
 */
export async function endOrWarn(
  context: Context,
  connection: Connection,
  users: readonly Row[],
  {
    allCredentials,
    ...more
  }: { readonly allCredentials: boolean } & Pick<OffboardOptions, 'actor' | 'entries' | 'exceptSessions'>,
): Promise<Remaining> {
  if (users.length === 0) return { document: {} };
  if (!allCredentials) return warnOfRemaining(context, connection, users, { active: true });
  const { ended } = await endAllCredentials(context, connection, users, more);
  for (const each of ended) context.terminal.say(`Ended ${kindLine(each)}.`);
  const { document, ...rest } = await warnOfRemaining(context, connection, users, { active: true, allCredentials });
  return { document: { ...document, ended }, ...rest };
}
