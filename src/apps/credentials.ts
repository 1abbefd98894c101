import { userModelOf } from '../auth/accounts/user-model.js';
import { isPasswordUsable } from '../auth/passwords/hashers.js';
import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import { timestampOf } from '../db/values/moments.js';
import type { Row } from '../db/write/rows.js';
import { findModel } from '../registry/define.js';
import { selectedSessions } from '../sessions/admin/revoke.js';
import { judgeSession } from '../sessions/admin/session-status.js';
import { createSessionReader, isoTime, type SessionKeys } from '../sessions/codec/codec.js';
import { shortKey } from '../sessions/store/store.js';
import { type SessionUser, userIdText } from '../sessions/store/users.js';
import type { CredentialApp, CredentialGroup, CredentialKind, SessionPlace } from './define.js';
import { type FoundApp, type FoundApps, findApps, type UnknownVersion } from './find.js';
import { isThere, type KindRow, readKind } from './rows.js';

/** One way to get in. Nothing of it is a secret. */
export interface Credential {
  /** `session`, `authtoken`, `jwt`, `totp`, … */
  readonly kind: string;
  readonly group: CredentialGroup;
  /** Whether it is in force, whatever becomes of the account. */
  readonly live: boolean;
  /** Why it is not: `expired`, `revoked`, `blacklisted`, `unconfirmed`, `unusable`; `live` where it is. */
  readonly state: string;
  /** Whether it lets in now: it is in force, and nothing about the account keeps it from that. */
  readonly letsIn: boolean;
  /** ISO text; null where it has no end, or where none is known. */
  readonly expires: string | null;
  readonly lastUsed: string | null;
  readonly created: string | null;
  /** What tells it apart: a device's name, a provider, the beginning of a session's key. */
  readonly name: string | null;
  /** Label of the app, and the table that it is in. */
  readonly app: string;
  readonly table: string;
  /** Where a session is used, as far as an app knows. */
  readonly address?: string;
  readonly browser?: string;
}

/** What a person holds. */
export interface UserCredentials {
  readonly user: Pick<SessionUser, 'pk' | 'id' | 'username' | 'active'>;
  readonly credentials: readonly Credential[];
  /** Links to choose a new password are good if they were sent after this moment, and not older than the timeout. Null: none are. */
  readonly resetLinks: { readonly since: string } | null;
  readonly unknown: readonly UnknownVersion[];
}

export interface CredentialOptions extends SessionKeys {
  readonly now?: Date;
  /** Seconds that sessions last by the settings. */
  readonly cookieAge?: number;
  /** Seconds that reset links are good for; Django's PASSWORD_RESET_TIMEOUT, three days, by default. */
  readonly resetTimeout?: number;
  /** Apps of the project's own. */
  readonly apps?: readonly CredentialApp[];
  readonly signal?: AbortSignal;
}

/** The kinds of the apps that were found, with the apps. */
export function kindsOf(
  apps: readonly FoundApp[],
  groups?: ReadonlySet<CredentialGroup>,
): { readonly app: FoundApp; readonly kind: CredentialKind }[] {
  return apps.flatMap((app) =>
    (app.declaration.kinds ?? [])
      .filter((kind) => isThere(app.tables, kind) && (groups === undefined || groups.has(kind.group)))
      .map((kind) => ({ app, kind })),
  );
}

const text = (value: Value | undefined): string | null =>
  value === null || value === undefined ? null : String(value);

/** What a row of a kind comes to. */
export function credentialOf(
  app: FoundApp,
  kind: CredentialKind,
  { row }: KindRow,
  { now, active }: { readonly now: Date; readonly active: boolean },
): Credential {
  const { live, state, expires, lastUsed, created, name } = kind.describe(row, now);
  return {
    kind: kind.kind,
    group: kind.group,
    live,
    state: live ? 'live' : (state ?? 'over'),
    letsIn: live && (active || kind.inactiveToo === true),
    expires: text(expires),
    lastUsed: text(lastUsed),
    created: text(created),
    name: name ?? null,
    app: app.label,
    table: app.tables.model(kind.model).table,
  };
}

const threeDays = 3 * 24 * 60 * 60;

/**
 * All that lets this user in, or did, in every table that is known: sessions, tokens, second factors, logins through other
 * sites, the password. `user` is a row of the user model.
 */
export async function listCredentials(
  connection: Connection,
  user: Row,
  options: CredentialOptions = {},
): Promise<UserCredentials> {
  const found = await findApps(connection, options.apps);
  return credentialsOf(found, user, options);
}

/** As {@link listCredentials}, in apps that were found before. */
export async function credentialsOf(
  found: FoundApps,
  user: Row,
  { now = new Date(), ...options }: CredentialOptions,
): Promise<UserCredentials> {
  const { connection } = found;
  const person = personOf(connection, user);
  const credentials: Credential[] = [];
  credentials.push(...(await sessionsOf(found, person, { now, ...options })));
  for (const { app, kind } of kindsOf(found.apps)) {
    for await (const page of readKind(app.tables, kind, { users: [person.pk] })) {
      for (const row of page) credentials.push(credentialOf(app, kind, row, { now, active: person.active }));
    }
  }
  credentials.push(passwordOf(connection, person));
  return {
    user: { pk: person.pk, id: person.id, username: person.username, active: person.active },
    credentials,
    resetLinks: resetLinksOf(person, now, options.resetTimeout ?? threeDays),
    unknown: found.unknown,
  };
}

/** An account as its credentials depend on it. */
interface Person extends SessionUser {
  readonly lastLogin: string | null;
}

function personOf({ registry }: Connection, row: Row): Person {
  const { model, auth, username, password } = userModelOf(registry);
  const pk = row[model.primaryKey.name] ?? null;
  return {
    id: userIdText(pk),
    pk,
    username: String(row[username.name] ?? ''),
    active: auth.activeField === undefined || row[auth.activeField] === true,
    password: String(row[password.name] ?? ''),
    lastLogin: auth.lastLoginField === undefined ? null : text(row[auth.lastLoginField]),
  };
}

function passwordOf({ registry }: Connection, person: Person): Credential {
  const { model } = userModelOf(registry);
  const live = isPasswordUsable(person.password);
  return {
    kind: 'password',
    group: 'password',
    live,
    state: live ? 'live' : 'unusable',
    letsIn: live && person.active,
    expires: null,
    lastUsed: person.lastLogin,
    created: null,
    name: null,
    app: model.app,
    table: model.table,
  };
}

/** Django sends links to active users with a usable password, and a login makes those of before worthless. */
function resetLinksOf(
  { active, password, lastLogin }: Person,
  now: Date,
  timeout: number,
): UserCredentials['resetLinks'] {
  if (!active || !isPasswordUsable(password)) return null;
  const oldest = now.getTime() - timeout * 1000;
  const login = lastLogin === null ? Number.NEGATIVE_INFINITY : Date.parse(lastLogin);
  return { since: timestampOf(new Date(Math.max(0, oldest, Number.isNaN(login) ? oldest : login))) };
}

async function sessionsOf(
  { connection, apps }: FoundApps,
  person: Person,
  { now = new Date(), cookieAge = 0, apps: _, resetTimeout: __, signal, ...keys }: CredentialOptions,
): Promise<Credential[]> {
  const model = findModel(connection.registry, 'sessions.session');
  if (model === undefined || !(await connection.dialect.tableNames(connection.db)).includes(model.table)) return [];
  const selection = { users: new Set([person.id]), unverified: true };
  const sessions: (Credential & { readonly key: string })[] = [];
  const scan = signal === undefined ? {} : { signal };
  const read = createSessionReader(keys);
  for await (const page of selectedSessions(connection, selection, { now, cookieAge, ...keys }, scan)) {
    for (const { key, text: data, alive, expires, signedAt } of page) {
      const circumstances = { alive, user: { ...person, active: true }, userId: person.id, ...keys };
      // Without a secret key nobody can tell more than when it ends.
      const live = alive === true && judgeSession(read(data), circumstances).accepted !== false;
      sessions.push({
        key,
        kind: 'session',
        group: 'session',
        live,
        state: live ? 'live' : alive ? 'refused' : 'expired',
        letsIn: live && person.active,
        expires: expires() ?? null,
        lastUsed: signedAt === undefined ? null : isoTime(signedAt),
        created: null,
        name: shortKey(key),
        app: model.app,
        table: model.table,
      });
    }
  }
  const places = await sessionPlaces(
    apps,
    sessions.map(({ key }) => key),
  );
  return sessions.map(({ key, ...session }) => {
    const { address, browser, lastUsed } = places.get(key) ?? {};
    return {
      ...session,
      lastUsed: lastUsed ?? session.lastUsed,
      ...(address === undefined ? {} : { address }),
      ...(browser === undefined ? {} : { browser }),
    };
  });
}

/** Where these sessions are used, as far as any app knows. */
async function sessionPlaces(apps: readonly FoundApp[], keys: readonly string[]): Promise<Map<string, SessionPlace>> {
  const places = new Map<string, SessionPlace>();
  if (keys.length === 0) return places;
  for (const { declaration, tables } of apps) {
    for (const [key, place] of (await declaration.sessions?.(tables, keys)) ?? []) {
      places.set(key, { ...place, ...places.get(key) });
    }
  }
  return places;
}
