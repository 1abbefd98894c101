import type { Knex } from 'knex';
import { type AuditOptions, writeLog } from '../audit/write.js';
import { userModelOf } from '../auth/accounts/user-model.js';
import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import { repeatableTransaction } from '../db/transactions/transaction.js';
import { hostAddress } from '../db/values/addresses.js';
import { type Row, readableRow, selectColumns } from '../db/write/rows.js';
import { CommandError } from '../errors.js';
import { findField } from '../registry/define.js';
import type { Model } from '../registry/types.js';
import { kindsOf } from './credentials.js';
import type { AppTables, CredentialApp, LockoutRows } from './define.js';
import { bindApps } from './end.js';
import { type FoundApps, findApps, mayHold, type UnknownVersion } from './find.js';
import { removeKeys } from './remove-keys.js';
import { narrowTo } from './rows.js';

/** Failed logins that count together. */
export interface Lockout {
  readonly app: string;
  readonly table: string;
  readonly key: Value;
  /** What was typed: a name, an address, in any case of letters. */
  readonly username: string | null;
  readonly address: string | null;
  readonly failures: number;
  /** ISO text: the last of them. */
  readonly time: string | null;
  /** Whether there are as many as lock somebody out. */
  readonly locked: boolean;
  /** Why it is among those of a person: the name, or the address that it shares with one of those. */
  readonly reason?: 'name' | 'address';
}

export interface LockoutOptions {
  /** Failures from which on a login is refused; what the app has by default. */
  readonly limit?: number | undefined;
  readonly apps?: readonly CredentialApp[] | undefined;
}

interface Rule {
  readonly label: string;
  readonly tables: AppTables;
  readonly rows: LockoutRows;
  readonly model: Model;
}

const rulesOf = ({ apps }: FoundApps): Rule[] =>
  apps.flatMap(({ label, declaration: { lockouts: rows }, tables }) =>
    rows === undefined || !tables.has(rows.model) ? [] : [{ label, tables, rows, model: tables.model(rows.model) }],
  );

const text = (value: Value | undefined) => (value === null || value === undefined ? null : String(value));

async function read({ label, tables, rows, model }: Rule, limit: number | undefined): Promise<Lockout[]> {
  const { connection } = tables;
  const fields = [
    model.primaryKey,
    ...[rows.username, rows.address, rows.failures, rows.time].map((name) => fieldOf(model, name)),
  ];
  const raw: Record<string, unknown>[] = await connection
    .db(model.table)
    .select(selectColumns(connection, fields))
    .orderBy(`${model.table}.${model.primaryKey.column}`);
  return raw.map((each) => {
    const row = readableRow(connection, fields, each);
    const failures = Number(row[rows.failures] ?? 0);
    return {
      app: label,
      table: model.table,
      key: row[model.primaryKey.name] ?? null,
      username: text(row[rows.username]),
      address: text(row[rows.address]),
      failures,
      time: text(row[rows.time]),
      locked: failures >= (limit ?? rows.limit),
    };
  });
}

function fieldOf(model: Model, name: string) {
  const field = findField(model, name);
  if (field === undefined) throw new Error(`${model.label} has no field ${name}.`);
  return field;
}

/** All failed logins that are counted. */
export async function listLockouts(connection: Connection, { limit, apps }: LockoutOptions = {}): Promise<Lockout[]> {
  const found = await findApps(connection, apps);
  const lockouts: Lockout[] = [];
  for (const rule of rulesOf(found)) lockouts.push(...(await read(rule, limit)));
  return lockouts;
}

/** Apps of unknown versions that may lock people out: those locks are neither listed nor removed. */
export async function unknownLockouts(
  connection: Connection,
  apps?: LockoutOptions['apps'],
): Promise<UnknownVersion[]> {
  const { unknown } = await findApps(connection, apps);
  return mayHold(unknown, { groups: new Set(['lockout']) });
}

/** Who or what is to be unlocked. */
export interface UnlockTarget {
  /** A row of the user model: its name and address, in any case of letters. */
  readonly user?: Row | undefined;
  readonly addresses?: readonly string[];
}

/**
 * The failed logins that lock these out: by name, and by the addresses that they came from, since a lock may be by either.
 *
 * @throws CommandError of code `bad_address`.
 */
export async function findLockouts(
  connection: Connection,
  { user, addresses = [] }: UnlockTarget,
  options: LockoutOptions = {},
): Promise<Lockout[]> {
  const all = await listLockouts(connection, options);
  const names = user === undefined ? new Set<string>() : namesOf(connection, user);
  const own = all.filter(({ username }) => username !== null && names.has(username.toLowerCase()));
  const from = new Set([...addresses.map(namedAddress), ...own.flatMap(({ address }) => hostOf(address) ?? [])]);
  return all.flatMap((each): Lockout[] => {
    if (own.includes(each)) return [{ ...each, reason: 'name' }];
    const host = hostOf(each.address);
    return host !== undefined && from.has(host) ? [{ ...each, reason: 'address' }] : [];
  });
}

const hostOf = (address: string | null) => (address === null ? undefined : (hostAddress(address) ?? address));

function namedAddress(address: string): string {
  const host = hostAddress(address);
  if (host !== undefined) return host;
  throw new CommandError(`'${address}' is not an IPv4 or IPv6 address.`, {
    code: 'bad_address',
    hint: 'Give one as 203.0.113.7 or 2001:db8::7; a network has no lockout of its own.',
  });
}

function namesOf({ registry }: Connection, user: Row): Set<string> {
  const { auth, username } = userModelOf(registry);
  const texts = [user[username.name], auth.emailField === undefined ? null : user[auth.emailField]];
  return new Set(texts.flatMap((value) => (typeof value === 'string' && value !== '' ? [value.toLowerCase()] : [])));
}

export interface Unlocked {
  readonly removed: readonly Lockout[];
  /** Second factors that refused codes for a while after wrong ones. */
  readonly devices: number;
}

/** Removes the failed logins that lock these out, and lets second factors of the user take codes at once, in one transaction. */
export async function unlock(
  connection: Connection,
  target: UnlockTarget,
  { limit, apps, actor, now = new Date() }: LockoutOptions & AuditOptions = {},
): Promise<Unlocked> {
  const found = await findApps(connection, apps);
  return repeatableTransaction(found.connection, async (bound) => {
    const own = bindApps(found, bound);
    const removed = await findLockouts(bound, target, { limit, ...(apps === undefined ? {} : { apps }) });
    for (const { label, model } of rulesOf(own)) {
      await removeKeys(
        bound,
        model,
        removed.filter(({ app }) => app === label).map(({ key }) => key),
      );
    }
    const { user } = target;
    const devices = user === undefined ? 0 : await resetThrottling(own, user);
    if (user !== undefined && removed.length + devices > 0) {
      const { model, username } = userModelOf(bound.registry);
      const messages = [{ changed: { fields: ['Failed logins'] } }];
      const pk = user[model.primaryKey.name] ?? null;
      const event = { action: 'change', model, pk, repr: String(user[username.name] ?? pk), messages } as const;
      await writeLog(bound, [event], { actor, now });
    }
    return { removed, devices };
  });
}

/** How many second factors of a user refuse codes for a while after wrong ones. */
export async function countThrottled(
  connection: Connection,
  user: Row,
  { apps }: Pick<LockoutOptions, 'apps'> = {},
): Promise<number> {
  let devices = 0;
  for (const query of throttled(await findApps(connection, apps), user)) {
    const [row] = await query.count({ count: '*' });
    devices += Number(row?.count ?? 0);
  }
  return devices;
}

/** django_otp/models.py, ThrottlingMixin.throttle_reset. */
async function resetThrottling(found: FoundApps, user: Row): Promise<number> {
  let devices = 0;
  for (const query of throttled(found, user)) devices += await query.update({ [failures]: 0, [lastFailure]: null });
  return devices;
}

const [failures, lastFailure] = ['throttling_failure_count', 'throttling_failure_timestamp'] as const;

function throttled({ connection, apps }: FoundApps, user: Row): Knex.QueryBuilder[] {
  const pk = user[connection.registry.userModel.primaryKey.name] ?? null;
  return kindsOf(apps, new Set(['second_factor'])).flatMap(({ app: { tables }, kind }) => {
    if (!tables.has(kind.model, failures) || !tables.has(kind.model, lastFailure)) return [];
    const { table } = tables.model(kind.model);
    const query: Knex.QueryBuilder = connection.db(table).where(`${table}.${failures}`, '>', 0);
    return [narrowTo(tables, kind, { users: [pk] })(query)];
  });
}
