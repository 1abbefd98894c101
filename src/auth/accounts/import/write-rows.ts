import { writeLog } from '../../../audit/write.js';
import type { Connection } from '../../../db/connect/connection.js';
import type { Value } from '../../../db/dialect/dialect.js';
import { transaction } from '../../../db/transactions/transaction.js';
import { integerValue } from '../../../db/values/values.js';
import type { Bulk, BulkColumn } from '../../../db/write/bulk.js';
import { defaultOf, readRow, selectColumns } from '../../../db/write/rows.js';
import { CommandError } from '../../../errors.js';
import { storedField } from '../../../registry/define.js';
import type { Field, ManyToMany, Registry } from '../../../registry/types.js';
import { identifyHasher, makePassword } from '../../passwords/hashers.js';
import { findGroups } from '../../permissions/groups.js';
import { findRelation, targetOf } from '../../permissions/links.js';
import { assertWhole, type UserModel, userModelOf } from '../user-model.js';
import type { ImportOptions, ImportResult } from './options.js';
import { type Prepared, RowError } from './prepare-row.js';

/** What was written so far. */
type Tally = Pick<ImportResult, 'created' | 'updated' | 'kept'> & { readonly algorithms: Record<string, number> };

/** Tells that a row was not written, and why. @throws where that ends the import. */
export type Refuse = (line: number, message: string) => void;

/** What the rows of an import are written with. */
export interface RowWriter {
  readonly connection: Connection;
  readonly bulk: Bulk;
  readonly options: ImportOptions;
  readonly users: UserModel;
  /** For defaults and the log. */
  readonly now: Date;
  /** All columns of the user model. */
  readonly columns: readonly BulkColumn[];
  /** Where the password is among them. */
  readonly passwordAt: number;
  /** Whether the database itself refuses a name that is taken, at once. */
  readonly hasUniqueNames: boolean;
  /** The table that joins users and groups. */
  readonly membership: Membership | undefined;
  /** Keys of groups that were looked up, by name. */
  readonly groupKeys: Map<string, Value>;
  tally: Mutable<Tally>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Membership {
  readonly relation: ManyToMany;
  readonly user: BulkColumn;
  readonly group: BulkColumn;
}

/** @throws CommandError where there is no group of one of the names that everybody gets. */
export async function openWriter(connection: Connection, options: ImportOptions): Promise<RowWriter> {
  const { db, dialect, registry } = connection;
  const users = userModelOf(registry);
  const writer: RowWriter = {
    connection,
    bulk: await dialect.bulk(db),
    options,
    users,
    now: options.now ?? new Date(),
    columns: users.model.fields.map((field) => columnOf(registry, field)),
    passwordAt: users.model.fields.indexOf(users.password),
    hasUniqueNames: await hasUniqueNames(connection, users),
    membership: membershipOf(connection, users),
    groupKeys: new Map(),
    tally: { created: 0, updated: 0, kept: 0, algorithms: {} },
  };
  for (const name of options.groups ?? []) await groupKey(writer, name);
  return writer;
}

async function hasUniqueNames({ db, dialect }: Connection, { model, username }: UserModel): Promise<boolean> {
  const { tables } = await dialect.introspect(db, { tables: [model.table] });
  const constraints = tables.get(model.table)?.constraints ?? [];
  return constraints.some(
    ({ kind, columns, definition = '', deferred }) =>
      (kind === 'unique' || kind === 'primary') &&
      columns.length === 1 &&
      columns[0] === username.column &&
      !deferred &&
      !/\bWHERE\b/i.test(definition),
  );
}

const columnOf = (registry: Registry, field: Field): BulkColumn => ({
  name: field.column,
  field: storedField(registry, field),
});

function membershipOf(connection: Connection, { model, auth }: UserModel): Membership | undefined {
  const { registry } = connection;
  if (auth.groups === undefined) return undefined;
  const relation = findRelation(model, auth.groups);
  const { primaryKey } = targetOf(connection, relation);
  return {
    relation,
    user: { name: relation.column, field: storedField(registry, model.primaryKey) },
    group: { name: relation.reverseColumn, field: storedField(registry, primaryKey) },
  };
}

async function groupKey({ connection, groupKeys }: RowWriter, name: string): Promise<Value> {
  const known = groupKeys.get(name);
  if (known !== undefined) return known;
  const [key = null] = await findGroups(connection, [name]);
  groupKeys.set(name, key);
  return key;
}

/**
 * Writes rows, all at once. Where that fails, as few at once as are needed to find those that are wrong. Whether names are
 * taken is asked beforehand only where that is no error, or where the database does not know it.
 */
export async function writeRows(writer: RowWriter, rows: readonly Prepared[], refuse: Refuse): Promise<void> {
  if (rows.length === 0) return;
  const { existing = 'refuse' } = writer.options;
  if (existing === 'refuse' && writer.hasUniqueNames) {
    const fault = await attempt(writer, rows, none);
    if (fault === undefined) return;
  }
  const { verboseName } = writer.users.username;
  const seen = new Set<string>();
  const fresh = rows.filter(({ name, place }) => {
    if (!seen.has(name)) {
      seen.add(name);
      return true;
    }
    refuse(place, `The ${verboseName} '${name}' is there twice.`);
    return false;
  });
  const keys = await keysOf(writer, [...seen]);
  const wanted = fresh.filter(({ name, place }) => {
    if (existing !== 'refuse' || !keys.has(name)) return true;
    refuse(place, `The ${verboseName} '${name}' is already taken.`);
    return false;
  });
  await writeParts(writer, wanted, keys, refuse);
}

const none: ReadonlyMap<string, Value> = new Map();

/** Writes rows; where some are wrong, the first half and then the other one. */
async function writeParts(
  writer: RowWriter,
  rows: readonly Prepared[],
  keys: ReadonlyMap<string, Value>,
  refuse: Refuse,
): Promise<void> {
  const fault = await attempt(writer, rows, keys);
  const [first] = rows;
  if (fault === undefined || first === undefined) return;
  if (rows.length === 1) return refuse(first.place, fault);
  const middle = rows.length >> 1;
  await writeParts(writer, rows.slice(0, middle), keys, refuse);
  await writeParts(writer, rows.slice(middle), keys, refuse);
}

/** Writes rows, or none of them: then what is wrong with one. @throws where that is about something else than a row. */
async function attempt(
  writer: RowWriter,
  rows: readonly Prepared[],
  keys: ReadonlyMap<string, Value>,
): Promise<string | undefined> {
  try {
    await writeAll(writer, rows, keys);
    return undefined;
  } catch (error) {
    const fault = faultOf(writer, error, rows.length === 1 ? rows[0]?.name : undefined);
    if (fault === undefined) throw error;
    return fault;
  }
}

/** What is wrong with a row that this error is about; undefined where it is about something else. */
function faultOf({ connection }: RowWriter, error: unknown, name = ''): string | undefined {
  const isKnown = error instanceof CommandError && error.code === 'group_not_found';
  if (error instanceof RowError || isKnown) return error.message;
  return connection.dialect.isUniqueViolation(error)
    ? `A value of user '${name}' that must be unique is taken.`
    : undefined;
}

/** Writes rows in a transaction; after an error nothing of it is there, nor counted. */
async function writeAll(writer: RowWriter, rows: readonly Prepared[], keys: ReadonlyMap<string, Value>): Promise<void> {
  const before = { ...writer.tally, algorithms: { ...writer.tally.algorithms } };
  try {
    await transaction(writer.connection, async () => {
      const isThere = ({ name }: Prepared) => keys.has(name);
      await insert(
        writer,
        rows.filter((row) => !isThere(row)),
      );
      const there = rows.filter(isThere);
      if (writer.options.existing === 'update') await update(writer, there, keys);
      else writer.tally.kept += there.length;
    });
  } catch (error) {
    writer.tally = before;
    throw error;
  }
}

/** Keys of accounts that are there, by name. */
async function keysOf({ connection, users }: RowWriter, names: readonly string[]): Promise<Map<string, Value>> {
  const { db, dialect, registry } = connection;
  const { model, username } = users;
  const fields = [model.primaryKey, username];
  const query = db(model.table).select(selectColumns(connection, fields));
  await dialect.whereAmong(db, query, {
    table: model.table,
    columns: [columnOf(registry, username)],
    rows: names.map((name) => [name]),
  });
  const rows: Record<string, unknown>[] = await query;
  return new Map(
    rows.map((raw) => {
      const row = readRow(connection, fields, raw);
      return [String(row[username.name]), row[model.primaryKey.name] ?? null];
    }),
  );
}

async function insert(writer: RowWriter, rows: readonly Prepared[]): Promise<void> {
  if (rows.length === 0) return;
  const { connection, bulk, options, users, columns, passwordAt, membership, tally } = writer;
  assertWhole(users);
  const { primaryKey, table, fields } = users.model;
  const isGenerated = /AutoField$/.test(primaryKey.type);
  const passing = options.dryRun ? { passing: true } : {};
  const reserved = { table, column: primaryKey.column, count: rows.length, ...passing };
  let key = isGenerated ? await bulk.reserveKeys(connection.db, reserved) : 0n;
  const keyAt = fields.indexOf(primaryKey);
  const made: { pk: Value; name: string; groups: readonly string[] }[] = [];
  const whole: Value[][] = [];
  for (const { values, name, groups } of rows) {
    const row = values.slice();
    row[passwordAt] ??= await makePassword(null);
    if (isGenerated && row[keyAt] === undefined) row[keyAt] = integerValue(primaryKey, key++);
    const complete = completeRow(writer, row);
    countAlgorithm(writer, complete);
    whole.push(complete);
    made.push({ pk: complete[keyAt] ?? null, name, groups });
  }
  const tables = [{ table, columns, rows: whole }];
  if (membership !== undefined) {
    const links = await linksOf(writer, made);
    const { relation, user, group } = membership;
    if (links.length > 0) tables.push({ table: relation.table, columns: [user, group], rows: links });
  }
  await bulk.insert(connection.db, tables);
  await log(writer, made, 'addition', [{ added: {} }]);
  tally.created += made.length;
}

/** Gives a value to every field that has none. @throws RowError where one has no default either. */
function completeRow({ users, now }: RowWriter, row: (Value | undefined)[]): Value[] {
  for (const [at, field] of users.model.fields.entries()) {
    if (row[at] !== undefined) continue;
    const value = defaultOf(field, now);
    if (value === undefined) throw new RowError(`${field.name}: It has neither a value nor a default.`);
    row[at] = value;
  }
  return row as Value[];
}

function countAlgorithm(
  { passwordAt, tally: { algorithms } }: RowWriter,
  values: readonly (Value | undefined)[],
): void {
  const encoded = values[passwordAt];
  if (typeof encoded !== 'string') return;
  const name = encoded.startsWith('!') ? 'unusable' : (identifyHasher(encoded) ?? 'unknown');
  algorithms[name] = (algorithms[name] ?? 0) + 1;
}

/** Pairs of the keys of users and groups. */
async function linksOf(
  writer: RowWriter,
  rows: readonly { readonly pk: Value; readonly groups: readonly string[] }[],
): Promise<Value[][]> {
  const pairs: Value[][] = [];
  const { groups: common = [] } = writer.options;
  for (const { pk, groups } of rows) {
    if (common.length + groups.length === 0) continue;
    const keys = new Set<Value>();
    for (const name of [...common, ...groups]) keys.add(await groupKey(writer, name));
    for (const key of keys) pairs.push([pk, key]);
  }
  return pairs;
}

function log(
  { connection, users: { model }, options: { actor }, now }: RowWriter,
  rows: readonly { readonly pk: Value; readonly name: string }[],
  action: 'addition' | 'change',
  messages: Parameters<typeof writeLog>[1][number]['messages'],
): Promise<unknown> {
  const entries = rows.map(({ pk, name }) => ({ action, model, pk, repr: name, messages }));
  return writeLog(connection, entries, { actor, now });
}

async function update(writer: RowWriter, rows: readonly Prepared[], keys: ReadonlyMap<string, Value>): Promise<void> {
  const { connection, bulk, users, columns, tally } = writer;
  const { model, username, password } = users;
  const pkOf = ({ name }: Prepared) => keys.get(name) ?? null;
  // Rows with the same fields are one statement.
  const shapes = new Map<string, Prepared[]>();
  for (const row of rows) {
    const shape = model.fields
      .filter((field, at) => row.values[at] !== undefined && field !== username && field !== model.primaryKey)
      .map(({ name }) => name)
      .join(' ');
    const same = shapes.get(shape);
    if (same === undefined) shapes.set(shape, [row]);
    else same.push(row);
  }
  for (const [shape, same] of shapes) {
    const fields = model.fields.filter(({ name }) => shape.split(' ').includes(name));
    const places = fields.map((field) => model.fields.indexOf(field));
    if (fields.length > 0) {
      const named = [model.fields.indexOf(model.primaryKey), ...places];
      await bulk.update(connection.db, {
        table: model.table,
        columns: named.flatMap((at) => columns[at] ?? []),
        rows: same.map((row) => [pkOf(row), ...places.map((at) => row.values[at] ?? null)]),
      });
    }
    for (const row of same) countAlgorithm(writer, row.values);
    const labels = fields.map(({ name, verboseName }) =>
      name === password.name ? 'password' : verboseName.charAt(0).toUpperCase() + verboseName.slice(1),
    );
    const changed = same.map((row) => ({ pk: pkOf(row), name: row.name }));
    await log(writer, changed, 'change', [{ changed: { fields: labels } }]);
  }
  const wanted = rows.map((row) => ({ pk: pkOf(row), groups: row.groups }));
  await addLinks(writer, await linksOf(writer, wanted));
  tally.updated += rows.length;
}

/** Adds the links that are not there yet. */
async function addLinks({ connection, bulk, membership }: RowWriter, wanted: readonly Value[][]): Promise<void> {
  if (membership === undefined || wanted.length === 0) return;
  const { db, dialect } = connection;
  const { relation, user, group } = membership;
  const owners = wanted.map(([pk]) => [pk ?? null]);
  const query = db(relation.table).select(relation.column, relation.reverseColumn);
  await dialect.whereAmong(db, query, { table: relation.table, columns: [user], rows: owners });
  const rows: Record<string, unknown>[] = await query;
  const read = ({ name, field }: BulkColumn, row: Record<string, unknown>) =>
    dialect.read({ ...field, column: name }, row[name]);
  const there = new Set(rows.map((row) => `${read(user, row)} ${read(group, row)}`));
  const missing = wanted.filter(([pk, key]) => !there.has(`${pk} ${key}`));
  if (missing.length > 0) await bulk.insert(db, [{ table: relation.table, columns: [user, group], rows: missing }]);
}
