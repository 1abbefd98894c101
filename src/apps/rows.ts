import type { Knex } from 'knex';
import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import { noRow, referrerCount } from '../db/read/expressions.js';
import { resolvePaths } from '../db/read/paths.js';
import { type Row, selectColumns } from '../db/write/rows.js';
import { CommandError } from '../errors.js';
import { findField, storedField } from '../registry/define.js';
import type { Field, Model } from '../registry/types.js';
import type { AppTables, CredentialKind } from './define.js';

/** Which rows of a kind are meant; all that is given must hold. */
export interface RowFilter {
  /** Keys of users. */
  readonly users?: readonly Value[] | undefined;
  /** Values of fields of the kind's model. */
  readonly where?: Row | undefined;
}

/** A row of a kind, with whose it is. */
export interface KindRow {
  /** Key of the user; null where it is nobody's. */
  readonly user: Value;
  readonly row: Row;
}

/** Whether the version that was found has what the kind is read from. */
export function isThere(tables: AppTables, kind: CredentialKind): boolean {
  const narrowing = Object.keys({ ...kind.where, ...kind.unless });
  const fields = [...(kind.user === undefined ? [] : [kind.user]), ...narrowing];
  return tables.has(kind.model) && fields.every((field) => tables.has(kind.model, field));
}

function fieldOf(model: Model, name: string): Field {
  const field = findField(model, name);
  if (field === undefined) throw new Error(`${model.label} has no field ${name}.`);
  return field;
}

/** What narrows a query on the table of a kind to the rows that are meant. */
export function narrowTo(tables: AppTables, kind: CredentialKind, { users, where }: RowFilter) {
  const model = tables.model(kind.model);
  const { db, dialect, registry } = tables.connection;
  const bound = (field: Field, value: Value) => dialect.bind(db, storedField(registry, field), value);
  return <Q extends Knex.QueryBuilder>(query: Q): Q => {
    for (const [name, value] of Object.entries({ ...kind.where, ...where })) {
      const field = fieldOf(model, name);
      if (value === null) query.whereNull(`${model.table}.${field.column}`);
      else query.where(`${model.table}.${field.column}`, bound(field, value) as never);
    }
    for (const [name, values] of Object.entries(kind.unless ?? {})) {
      const field = fieldOf(model, name);
      query.whereNotIn(`${model.table}.${field.column}`, values.map((value) => bound(field, value)) as never);
    }
    if (users !== undefined && kind.user === undefined) query.whereRaw(noRow(db));
    if (users !== undefined && kind.user !== undefined) {
      const field = fieldOf(model, kind.user);
      query.whereIn(`${model.table}.${field.column}`, users.map((user) => bound(field, user)) as never);
    }
    return query;
  };
}

/** Keys of rows that are read at once. */
const pageRows = 2000;

/** The rows of a kind in the order of their keys, page by page. */
export async function* readKind(
  tables: AppTables,
  kind: CredentialKind,
  filter: RowFilter = {},
): AsyncGenerator<readonly KindRow[]> {
  const { connection } = tables;
  const { db, dialect, registry } = connection;
  const model = tables.model(kind.model);
  const user = kind.user === undefined ? undefined : fieldOf(model, kind.user);
  const names = kind.fields.filter((name) => tables.has(kind.model, name));
  const fields = [...new Set([model.primaryKey, user, ...names.map((name) => fieldOf(model, name))])].filter(
    (field) => field !== undefined,
  );
  const counts = Object.entries(kind.counts ?? {}).filter(([, [other, field]]) => tables.has(other, field));
  const paths = Object.entries(kind.paths ?? {});
  const narrow = narrowTo(tables, kind, filter);
  const key = storedField(registry, model.primaryKey);
  for (let after: Value | undefined; ; ) {
    const query = db(model.table)
      .select(selectColumns(connection, fields, model.table))
      .orderBy(`${model.table}.${model.primaryKey.column}`)
      .limit(pageRows);
    for (const [name, [other, field]] of counts) query.select(countOf(tables, model, name, other, field));
    const ends = joinPaths(connection, model, query, paths);
    narrow(query);
    if (after !== undefined) {
      query.where(`${model.table}.${model.primaryKey.column}`, '>', dialect.bind(db, key, after) as never);
    }
    const rows: Record<string, unknown>[] = await query;
    const page = rows.map((raw): KindRow => {
      const row: Row = {};
      for (const field of fields) {
        const stored = storedField(registry, field);
        // The next page begins behind the last key: that has to be known.
        row[field.name] =
          field === model.primaryKey
            ? dialect.read(stored, raw[field.column])
            : readLeniently(dialect, stored, raw[field.column]);
      }
      for (const [name] of counts) row[name] = Number(raw[name] ?? 0);
      for (const [name, stored] of ends)
        row[name] = raw[name] == null ? null : readLeniently(dialect, stored, raw[name]);
      return { user: user === undefined ? null : (row[user.name] ?? null), row };
    });
    if (page.length > 0) yield page;
    if (page.length < pageRows) return;
    after = page.at(-1)?.row[model.primaryKey.name];
  }
}

/** What cannot be read is nothing: what a moment says may still let somebody in. */
function readLeniently(dialect: Connection['dialect'], field: Field, raw: unknown): Value {
  try {
    return dialect.read(field, raw);
  } catch (error) {
    if (error instanceof CommandError && error.code === 'bad_value') return null;
    throw error;
  }
}

function countOf(tables: AppTables, model: Model, name: string, otherName: string, fieldName: string): Knex.Raw {
  const other = tables.model(otherName);
  const { column } = fieldOf(other, fieldName);
  const key = `${model.table}.${model.primaryKey.column}`;
  return referrerCount(tables.connection.db, { table: other.table, column, key }, name);
}

/** Adds what stands at the ends of these paths; a reference that is not set has nothing there. */
function joinPaths(
  connection: Connection,
  model: Model,
  query: Knex.QueryBuilder,
  paths: readonly (readonly [string, string])[],
): readonly (readonly [string, Field])[] {
  const { registry } = connection;
  const resolved = resolvePaths(
    registry,
    model,
    paths.map(([, path]) => path),
  );
  for (const { table, alias, on } of resolved.joins) query.leftJoin({ [alias]: table }, ...on);
  return resolved.ends.map(({ table, field }, index) => {
    const name = paths[index]?.[0] ?? field.name;
    const stored = { ...storedField(registry, field), column: name };
    query.select({ [name]: `${table}.${field.column}` });
    return [name, stored] as const;
  });
}
