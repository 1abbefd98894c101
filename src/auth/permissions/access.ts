import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import { type PageOptions, passOver, readLinks, readPages } from '../../db/read/pages.js';
import { type Row, readRow, selectColumns } from '../../db/write/rows.js';
import { findField, storedField } from '../../registry/define.js';
import type { Field } from '../../registry/types.js';
import { type UserModel, userModelOf } from '../accounts/user-model.js';
import { isPasswordUsable } from '../passwords/hashers.js';
import { type Permission, readPermissions, requireModel } from './catalogue.js';
import { findRelation } from './links.js';

/** Why somebody has a permission. */
export type Reason =
  | { readonly reason: 'superuser' | 'direct' }
  | { readonly reason: 'group'; readonly group: string }
  /** For one object alone, `app.model:pk` (django-guardian). */
  | { readonly reason: 'object'; readonly object: string; readonly group?: string };

export interface HeldPermission {
  /** `app.codename`, or `app.model.codename` where that is ambiguous. */
  readonly name: string;
  readonly reasons: readonly Reason[];
}

/** An account, as far as its rights go. */
export interface AccessUser {
  readonly pk: Value;
  readonly username: string;
  readonly active: boolean;
  readonly staff: boolean | null;
  readonly superuser: boolean;
  /** ISO text; null where nobody ever logged in. */
  readonly lastLogin: string | null;
  readonly usablePassword: boolean;
  /** Whether the account has a confirmed second factor; null where the database has no table for any. */
  readonly secondFactor: boolean | null;
  readonly groups: readonly string[];
}

export interface UserAccess extends AccessUser {
  /** What the account may do now: nothing where it is not active. */
  readonly permissions: readonly HeldPermission[];
}

/** What is the same for all users of a database. */
interface Rights {
  readonly permissions: readonly Permission[];
  readonly labels: ReadonlyMap<string, string>;
  readonly groups: ReadonlyMap<string, { readonly name: string; readonly permissions: readonly string[] }>;
  readonly tables: ReadonlySet<string>;
  readonly contentTypes: ReadonlyMap<string, string>;
}

async function pairs(
  connection: Connection,
  table: string,
  columns: readonly [Field, Field],
): Promise<[Value, Value][]> {
  const { db, dialect } = connection;
  const rows: Record<string, unknown>[] = await db(table).select(
    columns.map((field) => dialect.selectColumn(db, field, field.column)),
  );
  const [first, second] = columns;
  return rows.map((row) => [dialect.read(first, row[first.column]), dialect.read(second, row[second.column])]);
}

const columnOf = (field: Field, column: string): Field => ({ ...field, column });

async function readRights(connection: Connection): Promise<Rights> {
  const { db, dialect, registry } = connection;
  const permissions = await readPermissions(connection);
  const model = requireModel(connection, 'auth.group');
  const types = requireModel(connection, 'contenttypes.contenttype');
  const relation = findRelation(model, 'permissions');
  const name = findField(model, 'name') ?? model.primaryKey;
  const rows: Record<string, unknown>[] = await db(model.table).select(
    selectColumns(connection, [model.primaryKey, name]),
  );
  const links = await pairs(connection, relation.table, [
    columnOf(storedField(registry, model.primaryKey), relation.column),
    columnOf(storedField(registry, requireModel(connection, 'auth.permission').primaryKey), relation.reverseColumn),
  ]);
  const byGroup = new Map<string, string[]>();
  for (const [group, permission] of links) {
    const list = byGroup.get(String(group));
    if (list === undefined) byGroup.set(String(group), [String(permission)]);
    else list.push(String(permission));
  }
  const typeRows: Record<string, unknown>[] = await db(types.table).select(selectColumns(connection, types.fields));
  return {
    permissions,
    labels: new Map(permissions.map(({ pk, label }) => [String(pk), label])),
    groups: new Map(
      rows.map((raw) => {
        const row = readRow(connection, [model.primaryKey, name], raw);
        const key = String(row[model.primaryKey.name]);
        return [key, { name: String(row[name.name]), permissions: byGroup.get(key) ?? [] }];
      }),
    ),
    tables: new Set(await dialect.tableNames(db)),
    contentTypes: new Map(
      typeRows.map((raw) => {
        const row = readRow(connection, types.fields, raw);
        return [String(row[types.primaryKey.name]), `${row.app_label}.${row.model}`];
      }),
    ),
  };
}

/** Tables of second factors, with the column that says whether one is confirmed. */
const secondFactors: readonly (readonly [table: string, confirmed: string | undefined])[] = [
  ['otp_totp_totpdevice', 'confirmed'],
  ['otp_hotp_hotpdevice', 'confirmed'],
  ['otp_email_emaildevice', 'confirmed'],
  ['otp_yubikey_yubikeydevice', 'confirmed'],
  ['otp_yubikey_remoteyubikeydevice', 'confirmed'],
  ['two_factor_phonedevice', 'confirmed'],
  ['two_factor_webauthndevice', 'confirmed'],
  ['mfa_authenticator', undefined],
];

async function holdersAmong(
  connection: Connection,
  tables: ReadonlySet<string>,
  keys: readonly Value[],
): Promise<Set<string> | undefined> {
  const { db, dialect, registry } = connection;
  const there = secondFactors.filter(([table]) => tables.has(table));
  if (there.length === 0) return undefined;
  const user = columnOf(storedField(registry, registry.userModel.primaryKey), 'user_id');
  const found = new Set<string>();
  for (const [table, confirmed] of there) {
    const query = db(table).select(dialect.selectColumn(db, user, 'user_id'));
    if (confirmed !== undefined) query.where(confirmed, true);
    const rows = keys.map((key) => [key]);
    await dialect.whereAmong(db, query, { table, columns: [{ name: 'user_id', field: user }], rows });
    const answers: Record<string, unknown>[] = await query;
    for (const row of answers) found.add(String(dialect.read(user, row.user_id)));
  }
  return found;
}

interface ObjectGrant {
  readonly permission: string;
  readonly object: string;
}

/** By the key of their holder. */
type ObjectGrants = ReadonlyMap<string, readonly ObjectGrant[]>;

/** Object permissions of django-guardian, of some users or of all groups. */
async function objectGrants(
  connection: Connection,
  { tables, contentTypes }: Rights,
  kind: 'user' | 'group',
  keys: readonly Value[] | undefined,
): Promise<ObjectGrants> {
  const table = `guardian_${kind}objectpermission`;
  const found = new Map<string, ObjectGrant[]>();
  if (!tables.has(table)) return found;
  const { db, dialect, registry } = connection;
  const owner = kind === 'user' ? registry.userModel : requireModel(connection, 'auth.group');
  const holder = columnOf(storedField(registry, owner.primaryKey), `${kind}_id`);
  const query = db(table).select(
    dialect.selectColumn(db, holder, holder.column),
    'permission_id',
    'content_type_id',
    'object_pk',
  );
  if (keys !== undefined) {
    const rows = keys.map((key) => [key]);
    await dialect.whereAmong(db, query, { table, columns: [{ name: holder.column, field: holder }], rows });
  }
  const answers: Record<string, unknown>[] = await query;
  for (const row of answers) {
    const key = String(dialect.read(holder, row[holder.column]));
    const grant = {
      permission: String(row.permission_id),
      object: `${contentTypes.get(String(row.content_type_id)) ?? row.content_type_id}:${row.object_pk}`,
    };
    const list = found.get(key);
    if (list === undefined) found.set(key, [grant]);
    else list.push(grant);
  }
  return found;
}

/** Which users are looked at. */
export interface AccessFilter {
  /** Adds conditions; columns are written as `table.column`. */
  readonly narrow?: PageOptions['narrow'];
  readonly keys?: readonly Value[];
}

/**
 * What users may do and why, in the order of their keys and page by page, so that memory stays the same however many there are.
 * A superuser has every permission for that reason, and those that it has otherwise for theirs too.
 */
export async function* readAccess(
  connection: Connection,
  { keys, narrow }: AccessFilter = {},
  { signal }: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<UserAccess[]> {
  const users = userModelOf(connection.registry);
  const { model } = users;
  const rights = await readRights(connection);
  const groupObjects = await objectGrants(connection, rights, 'group', undefined);
  const common: Known['common'] = new Map();
  const fields = neededFields(users);
  // When somebody logged in last decides nothing.
  const options = {
    fields,
    onBadValue: passOver,
    ...(keys === undefined ? {} : { keys }),
    ...(narrow === undefined ? {} : { narrow }),
  };
  for await (const page of readPages(connection, connection.db, model, options)) {
    signal?.throwIfAborted();
    const rows = page.map(
      (values): Row => Object.fromEntries(fields.map(({ name }, at) => [name, values[at] ?? null])),
    );
    const known: Known = { users, rights, groupObjects, common, ...(await readPage(connection, users, rights, rows)) };
    yield rows.map((row) => accessOf(known, row));
  }
}

/** What the user of this key may do and why, or undefined where there is none. */
export async function readUserAccess(
  connection: Connection,
  key: Value,
  options: { readonly signal?: AbortSignal } = {},
): Promise<UserAccess | undefined> {
  for await (const [user] of readAccess(connection, { keys: [key] }, options)) if (user !== undefined) return user;
  return undefined;
}

/** The fields that tell what an account may do. */
function neededFields({ model, auth, username, password }: UserModel): Field[] {
  const names = new Set([
    model.primaryKey.name,
    username.name,
    password.name,
    auth.activeField,
    auth.lastLoginField,
    'is_staff',
    'is_superuser',
    ...Object.keys(auth.superuserValues),
  ]);
  return model.fields.filter(({ name }) => names.has(name));
}

/** What is known of the users of a page, by their keys as text. */
interface PageRights {
  readonly memberships: ReadonlyMap<string, readonly Value[]>;
  readonly grants: ReadonlyMap<string, readonly Value[]>;
  readonly objects: ObjectGrants;
  /** Who has a second factor; undefined where no table holds any. */
  readonly factors: ReadonlySet<string> | undefined;
}

interface Known extends PageRights {
  readonly users: UserModel;
  readonly rights: Rights;
  /** Object permissions of groups. */
  readonly groupObjects: ObjectGrants;
  /** What users have who have it through groups or as superusers alone: many have the same. */
  readonly common: Map<string, readonly HeldPermission[]>;
}

async function readPage(
  connection: Connection,
  { model, auth }: UserModel,
  rights: Rights,
  rows: readonly Row[],
): Promise<PageRights> {
  const own = rows.map((row) => row[model.primaryKey.name] ?? null);
  const range: readonly [Value, Value] = [own[0] ?? null, own.at(-1) ?? null];
  const links = async (name: string | undefined) =>
    name === undefined
      ? new Map<string, readonly Value[]>()
      : readLinks(connection, connection.db, model, findRelation(model, name), range);
  return {
    memberships: await links(auth.groups),
    grants: await links(auth.permissions),
    objects: await objectGrants(connection, rights, 'user', own),
    factors: await holdersAmong(connection, rights.tables, own),
  };
}

function accessOf(known: Known, row: Row): UserAccess {
  const { users, rights, memberships, factors } = known;
  const { model, auth, username, password } = users;
  const pk = row[model.primaryKey.name] ?? null;
  const key = String(pk);
  const active = auth.activeField === undefined || row[auth.activeField] === true;
  const superuser = isSuperuser(users, row);
  const groups = (memberships.get(key) ?? []).map(String);
  const lastLogin = auth.lastLoginField === undefined ? null : row[auth.lastLoginField];
  return {
    pk,
    username: String(row[username.name]),
    active,
    staff: findField(model, 'is_staff') === undefined ? null : row.is_staff === true,
    superuser,
    lastLogin: lastLogin === null || lastLogin === undefined ? null : String(lastLogin),
    usablePassword: isPasswordUsable(String(row[password.name] ?? '!')),
    secondFactor: factors === undefined ? null : factors.has(key),
    groups: groups.map((group) => rights.groups.get(group)?.name ?? group),
    permissions: active ? heldPermissions(known, key, groups, superuser) : [],
  };
}

/** Combinations of groups whose permissions are held in memory at once. */
const mostCommon = 1000;

/** What an active user has, in the order of the permissions. */
function heldPermissions(
  known: Known,
  key: string,
  groups: readonly string[],
  superuser: boolean,
): readonly HeldPermission[] {
  const { rights, grants, objects, common } = known;
  const isCommon = !grants.has(key) && !objects.has(key);
  const name = `${superuser} ${groups.join(' ')}`;
  const before = isCommon ? common.get(name) : undefined;
  if (before !== undefined) return before;
  const reasons = reasonsOf(known, key, groups, superuser);
  const held: HeldPermission[] = [];
  if (reasons.size > 0) {
    for (const [permission, label] of rights.labels) {
      const found = reasons.get(permission);
      if (found !== undefined) held.push({ name: label, reasons: found });
    }
  }
  if (isCommon && common.size < mostCommon) common.set(name, held);
  return held;
}

function isSuperuser({ model, auth }: UserModel, row: Row): boolean {
  if (findField(model, 'is_superuser') !== undefined) return row.is_superuser === true;
  const flags = Object.entries(auth.superuserValues);
  return flags.length > 0 && flags.every(([name, value]) => row[name] === value);
}

/** Why an active user has which permissions, by their keys. */
function reasonsOf(
  { rights, grants, objects, groupObjects }: Known,
  key: string,
  groups: readonly string[],
  superuser: boolean,
): Map<string, Reason[]> {
  const reasons = new Map<string, Reason[]>();
  const add = (permission: string, reason: Reason) => {
    const list = reasons.get(permission);
    if (list === undefined) reasons.set(permission, [reason]);
    else list.push(reason);
  };
  const nameOf = (group: string) => rights.groups.get(group)?.name ?? group;
  if (superuser) for (const each of rights.permissions) add(String(each.pk), { reason: 'superuser' });
  for (const permission of grants.get(key) ?? []) add(String(permission), { reason: 'direct' });
  for (const group of groups) {
    for (const permission of rights.groups.get(group)?.permissions ?? []) {
      add(permission, { reason: 'group', group: nameOf(group) });
    }
  }
  for (const { permission, object } of objects.get(key) ?? []) add(permission, { reason: 'object', object });
  for (const group of groups) {
    for (const { permission, object } of groupObjects.get(group) ?? [])
      add(permission, { reason: 'object', object, group: nameOf(group) });
  }
  return reasons;
}
