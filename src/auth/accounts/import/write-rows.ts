import { writeLog } from '../../../audit/write.js';
import type { Connection } from '../../../db/connect/connection.js';
import type { Value } from '../../../db/dialect/dialect.js';
import { transaction } from '../../../db/transactions/transaction.js';
import { integerValue } from '../../../db/values/values.js';
import type { Bulk, BulkColumn } from '../../../db/write/bulk.js';
import { defaultOf, type Row, readRow, selectColumns } from '../../../db/write/rows.js';
import { CommandError } from '../../../errors.js';
import { storedField } from '../../../registry/define.js';
import type { Field, ManyToMany, Registry } from '../../../registry/types.js';
import { identifyHasher, makePassword } from '../../passwords/hashers.js';
import { findGroups } from '../../permissions/groups.js';
import { findRelation, targetOf } from '../../permissions/links.js';
import { type UserModel, userModelOf } from '../user-model.js';
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
    membership: membershipOf(connection, users),
    groupKeys: new Map(),
    tally: { created: 0, updated: 0, kept: 0, algorithms: {} },
  };
  for (const name of options.groups ?? []) await groupKey(writer, name);
  return writer;
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

/** Writes rows all at once; where that fails, one by one, so that those that are wrong are found. */
export async function writeRows(writer: RowWriter, rows: readonly Prepared[], refuse: Refuse): Promise<void> {
  if (rows.length === 0) return;
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
    if ((writer.options.existing ?? 'refuse') !== 'refuse' || !keys.has(name)) return true;
    refuse(place, `The ${verboseName} '${name}' is already taken.`);
    return false;
  });
  try {
    await writeAll(writer, wanted, keys);
  } catch (error) {
    if (faultOf(writer, error) === undefined) throw error;
    for (const row of wanted) {
      await writeAll(writer, [row], keys).catch((cause: unknown) => {
        const fault = faultOf(writer, cause, row.name);
        if (fault === undefined) throw cause;
        refuse(row.place, fault);
      });
    }
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
  const { connection, bulk, options, users, columns, membership, tally } = writer;
  const { primaryKey, table, fields } = users.model;
  const isGenerated = /AutoField$/.test(primaryKey.type);
  const passing = options.dryRun ? { passing: true } : {};
  const reserved = { table, column: primaryKey.column, count: rows.length, ...passing };
  let key = isGenerated ? await bulk.reserveKeys(connection.db, reserved) : 0n;
  const made: { pk: Value; name: string; groups: readonly string[]; row: Value[] }[] = [];
  for (const { values, name, groups } of rows) {
    const filled: Record<string, Value> = { ...values };
    filled[users.password.name] ??= await makePassword(null);
    if (isGenerated && filled[primaryKey.name] === undefined) filled[primaryKey.name] = integerValue(primaryKey, key++);
    const row = complete(writer, filled);
    countAlgorithm(writer, filled);
    made.push({ pk: row[fields.indexOf(primaryKey)] ?? null, name, groups, row });
  }
  const tables = [{ table, columns, rows: made.map(({ row }) => row) }];
  if (membership !== undefined) {
    const links = await linksOf(writer, made);
    const { relation, user, group } = membership;
    if (links.length > 0) tables.push({ table: relation.table, columns: [user, group], rows: links });
  }
  await bulk.insert(connection.db, tables);
  await log(writer, made, 'addition', [{ added: {} }]);
  tally.created += made.length;
}

/** A value for every field. @throws RowError where one has neither a value nor a default. */
function complete({ users, now }: RowWriter, values: Row): Value[] {
  return users.model.fields.map((field) => {
    const value = values[field.name];
    if (value !== undefined) return value;
    const fallback = defaultOf(field, now);
    if (fallback === undefined) throw new RowError(`${field.name}: It has neither a value nor a default.`);
    return fallback;
  });
}

function countAlgorithm({ users, tally: { algorithms } }: RowWriter, values: Row): void {
  const encoded = values[users.password.name];
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
  for (const { pk, groups } of rows) {
    const names = [...(writer.options.groups ?? []), ...groups];
    const keys = new Set(await Promise.all(names.map((name) => groupKey(writer, name))));
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
  const { connection, bulk, users, tally } = writer;
  const { registry } = connection;
  const { model, username, password } = users;
  const pkOf = ({ name }: Prepared) => keys.get(name) ?? null;
  // Rows with the same fields are one statement.
  const shapes = new Map<string, Prepared[]>();
  for (const row of rows) {
    const names = Object.keys(row.values).filter((name) => name !== username.name && name !== model.primaryKey.name);
    const shape = names.sort().join(' ');
    shapes.set(shape, [...(shapes.get(shape) ?? []), row]);
  }
  for (const [shape, same] of shapes) {
    const fields = model.fields.filter(({ name }) => shape.split(' ').includes(name));
    if (fields.length > 0) {
      await bulk.update(connection.db, {
        table: model.table,
        columns: [model.primaryKey, ...fields].map((field) => columnOf(registry, field)),
        rows: same.map((row) => [pkOf(row), ...fields.map((field) => row.values[field.name] ?? null)]),
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
