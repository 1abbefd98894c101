import { type AuditOptions, type LogEvent, type WrittenEntries, writeLog } from '../audit/write.js';
import { setActive } from '../auth/accounts/activation.js';
import { keepingSuperuser } from '../auth/accounts/last-superuser.js';
import { userModelOf } from '../auth/accounts/user-model.js';
import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import { repeatableTransaction } from '../db/transactions/transaction.js';
import { type Row, updateRow } from '../db/write/rows.js';
import { findField, findModel, storedField } from '../registry/define.js';
import { selectedSessions } from '../sessions/admin/revoke.js';
import { deleteSessions } from '../sessions/store/store.js';
import { type SessionUser, userIdText } from '../sessions/store/users.js';
import { type Credential, type CredentialOptions, credentialsOf, kindsOf } from './credentials.js';
import type { CredentialGroup } from './define.js';
import { bindApps, type EndedCredentials, endCredentials } from './end.js';
import { type FoundApps, findApps, type UnknownVersion } from './find.js';
import { narrowTo } from './rows.js';

export interface OffboardOptions extends AuditOptions, WrittenEntries, Omit<CredentialOptions, 'now'> {
  /** Removes second factors, too. */
  readonly secondFactors?: boolean;
  /** Removes logins through other sites, too. */
  readonly social?: boolean;
  /** Takes the users out of their groups and permissions, and makes them neither staff nor superusers. */
  readonly rights?: boolean;
  /** Key of the user who is given the OAuth applications that they registered. */
  readonly applicationsTo?: Value | undefined;
  /** Keys of Django's sessions that stay. */
  readonly exceptSessions?: ReadonlySet<string> | undefined;
  /** Leaves the accounts active. */
  readonly keepActive?: boolean;
  /** Allows that no active superuser is left. */
  readonly force?: boolean;
}

/** What one user holds, and what of it ends. */
export interface UserPlan {
  readonly user: Pick<SessionUser, 'pk' | 'id' | 'username' | 'active'>;
  /** Whether the account is made inactive. */
  readonly deactivate: boolean;
  /** What ends. */
  readonly ends: readonly Credential[];
  /** What stays though it is in force, or would be if the account were: second factors, other sites, applications. */
  readonly stays: readonly Credential[];
  /** Applications that go to the user of `applicationsTo`. */
  readonly moves: readonly Credential[];
  /** Groups and permissions that are taken away. */
  readonly rights: { readonly groups: number; readonly permissions: number; readonly flags: readonly string[] };
}

export interface OffboardPlan {
  readonly users: readonly UserPlan[];
  readonly unknown: readonly UnknownVersion[];
}

/** What was done. */
export interface Offboarded {
  /** Names of those whose account was active. */
  readonly deactivated: readonly string[];
  readonly sessions: number;
  /** By kind and table. */
  readonly ended: readonly EndedCredentials[];
  readonly applications: number;
  readonly rights: { readonly groups: number; readonly permissions: number; readonly users: number };
  readonly unknown: readonly UnknownVersion[];
}

/** Groups of credentials that are ended. */
export function endedGroups({
  secondFactors,
  social,
}: Pick<OffboardOptions, 'secondFactors' | 'social'>): ReadonlySet<CredentialGroup> {
  return new Set<CredentialGroup>([
    'session',
    'token',
    ...(secondFactors ? (['second_factor'] as const) : []),
    ...(social ? (['social'] as const) : []),
  ]);
}

const keyOf = ({ registry }: Connection, user: Row): Value => user[registry.userModel.primaryKey.name] ?? null;
const nameOf = ({ registry }: Connection, user: Row): string =>
  String(user[userModelOf(registry).username.name] ?? keyOf({ registry } as Connection, user));

/** Reads what offboarding these users, rows of the user model, would do. Nothing is changed. */
export async function planOffboarding(
  connection: Connection,
  users: readonly Row[],
  { now = new Date(), ...options }: OffboardOptions = {},
): Promise<OffboardPlan> {
  const found = await findApps(connection, options.apps);
  const groups = endedGroups(options);
  // What a kind ends in its own way is over already where it is not in force; all other rows are deleted.
  const own = new Set(kindsOf(found.apps).flatMap(({ app, kind }) => (kind.end ? [`${app.label} ${kind.kind}`] : [])));
  const plans: UserPlan[] = [];
  for (const user of users) {
    const { user: person, credentials } = await credentialsOf(found, user, { now, ...options });
    const held = credentials.filter(({ group }) => group !== 'password');
    const moves = (group: CredentialGroup) => group === 'application' && options.applicationsTo !== undefined;
    plans.push({
      user: person,
      deactivate: person.active && !options.keepActive,
      ends: held.filter((each) => groups.has(each.group) && (each.live || !own.has(`${each.app} ${each.kind}`))),
      stays: held.filter(({ group, live }) => live && !groups.has(group) && !moves(group)),
      moves: held.filter(({ group }) => moves(group)),
      rights: options.rights ? await rightsOf(connection, user) : { groups: 0, permissions: 0, flags: [] },
    });
  }
  return { users: plans, unknown: found.unknown };
}

/** Links of the user model that give rights, with their join tables. */
function linksOf({ registry }: Connection) {
  const { model, auth } = userModelOf(registry);
  return (['groups', 'permissions'] as const).flatMap((kind) => {
    const relation = model.manyToMany.find(({ name }) => name === auth[kind]);
    return relation === undefined || relation.through !== undefined ? [] : [{ kind, relation }];
  });
}

/** Flags that give rights and are not those of being active. */
function flagsOf({ registry }: Connection): string[] {
  const { model, auth } = userModelOf(registry);
  const names = new Set(['is_staff', ...Object.keys(auth.superuserValues)]);
  if (auth.activeField !== undefined) names.delete(auth.activeField);
  return model.fields.filter(({ name, type }) => names.has(name) && type === 'BooleanField').map(({ name }) => name);
}

async function rightsOf(connection: Connection, user: Row): Promise<UserPlan['rights']> {
  const counts = { groups: 0, permissions: 0 };
  for (const { kind, relation } of linksOf(connection)) {
    const [row] = await connection
      .db(relation.table)
      .where(relation.column, boundKey(connection, keyOf(connection, user)))
      .count({ count: '*' });
    counts[kind] = Number(row?.count ?? 0);
  }
  return { ...counts, flags: flagsOf(connection).filter((name) => user[name] === true) };
}

function boundKey({ db, dialect, registry }: Connection, key: Value) {
  return dialect.bind(db, storedField(registry, registry.userModel.primaryKey), key) as never;
}

/**
 * Ends everything that lets these users, rows of the user model, in, in one transaction: deactivates the accounts, deletes
 * sessions and tokens, puts refresh tokens on the blacklist, and whatever else the options ask for; an entry is written to the
 * log for each user. Sessions are taken at their word, whoever signed them.
 *
 * @throws CommandError of code `last_superuser` where no active superuser would be left; nothing is changed then.
 */
export async function offboard(
  connection: Connection,
  users: readonly Row[],
  { now = new Date(), actor, ...options }: OffboardOptions = {},
): Promise<Offboarded> {
  const found = await findApps(connection, options.apps);
  const keys = users.map((user) => keyOf(connection, user));
  const names = users.map((user) => nameOf(connection, user));
  // Reading all sessions may take long: nobody is to wait for that. Who is deactivated makes no new one that works.
  const sessionKeys = await sessionKeysOf(found.connection, keys, now, options);
  return repeatableTransaction(found.connection, async (bound): Promise<Offboarded> => {
    const apps = bindApps(found, bound);
    const deactivated = options.keepActive
      ? []
      : await setActive(bound, names, false, { force: options.force ?? false });
    const sessions = sessionKeys.length === 0 ? 0 : await deleteSessions(bound, sessionKeys);
    const ended = await endCredentials(apps, keys, endedGroups(options), now);
    const applications = await giveApplications(apps, keys, options.applicationsTo);
    const keep = { kept: 'nothing was changed', force: options.force ?? false };
    const rights = options.rights
      ? await keepingSuperuser(bound, keep, () => takeRights(bound, users))
      : { groups: 0, permissions: 0, users: 0 };
    await writeLog(
      bound,
      users.map((user) => eventOf(bound, user, deactivated, options)),
      { actor, now, entries: options.entries },
    );
    return { deactivated, sessions, ended, applications, rights, unknown: found.unknown };
  });
}

/** Keys of the sessions that say that they are of these users. */
async function sessionKeysOf(
  connection: Connection,
  users: readonly Value[],
  now: Date,
  { signal, exceptSessions = new Set() }: Pick<OffboardOptions, 'signal' | 'exceptSessions'>,
): Promise<string[]> {
  const model = findModel(connection.registry, 'sessions.session');
  if (model === undefined || !(await connection.dialect.tableNames(connection.db)).includes(model.table)) return [];
  const selection = { users: new Set(users.map(userIdText)), unverified: true, except: exceptSessions };
  const keys: string[] = [];
  const scan = signal === undefined ? {} : { signal };
  for await (const page of selectedSessions(connection, selection, { now, cookieAge: 0 }, scan)) {
    keys.push(...page.map(({ key }) => key));
  }
  signal?.throwIfAborted();
  return keys;
}

async function giveApplications(found: FoundApps, users: readonly Value[], to: Value | undefined): Promise<number> {
  if (to === undefined) return 0;
  let given = 0;
  for (const { app, kind } of kindsOf(found.apps, new Set(['application']))) {
    if (kind.user === undefined) continue;
    const model = app.tables.model(kind.model);
    const field = findField(model, kind.user);
    if (field === undefined) continue;
    const query = narrowTo(app.tables, kind, { users })(found.connection.db(model.table));
    given += await query.update({ [field.column]: boundKey(found.connection, to) });
  }
  return given;
}

async function takeRights(connection: Connection, users: readonly Row[]): Promise<Offboarded['rights']> {
  const counts = { groups: 0, permissions: 0 };
  const keys = users.map((user) => boundKey(connection, keyOf(connection, user)));
  for (const { kind, relation } of linksOf(connection)) {
    counts[kind] = await connection.db(relation.table).whereIn(relation.column, keys).del();
  }
  const flags = flagsOf(connection);
  let changed = 0;
  for (const user of users) {
    const had = flags.filter((name) => user[name] === true);
    if (had.length === 0) continue;
    const { userModel } = connection.registry;
    changed += await updateRow(
      connection,
      userModel,
      keyOf(connection, user),
      Object.fromEntries(had.map((name) => [name, false])),
    );
  }
  return { ...counts, users: changed };
}

function eventOf(
  connection: Connection,
  user: Row,
  deactivated: readonly string[],
  { rights, secondFactors, social }: OffboardOptions,
): LogEvent {
  const { userModel } = connection.registry;
  const name = nameOf(connection, user);
  const active = findField(userModel, userModel.auth?.activeField ?? '');
  const fields = [
    ...(deactivated.includes(name) ? [active?.verboseName ?? 'active'] : []),
    'sessions',
    'tokens',
    ...(secondFactors ? ['second factors'] : []),
    ...(social ? ['logins through other sites'] : []),
    ...(rights ? ['groups', 'permissions'] : []),
  ];
  const capital = fields.map((field) => field.charAt(0).toUpperCase() + field.slice(1));
  return {
    action: 'change',
    model: userModel,
    pk: keyOf(connection, user),
    repr: name,
    messages: [{ changed: { fields: capital } }],
  };
}
