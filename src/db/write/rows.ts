import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { CommandError } from '../../errors.js';
import { storedField } from '../../registry/define.js';
import { emptyValueOf, isGenerated } from '../../registry/field-types.js';
import type { Field, Model } from '../../registry/types.js';
import { knownNames } from '../../text.js';
import type { DbContext } from '../connect/connection.js';
import type { Value } from '../dialect/dialect.js';
import { repeatableStatement } from '../transactions/transaction.js';
import { timestampOf } from '../values/moments.js';
import { inRow } from '../values/row-errors.js';

/** A row by field names (`user`, not `user_id`), with values as {@link Value} says. */
export type Row = Record<string, Value>;

/** Rows of `model` whose fields equal those of `where`, in the order of the primary key. For few rows. */
export async function selectRows(
  connection: DbContext,
  model: Model,
  where: Row,
  {
    fields,
    limit,
    lenient = false,
  }: {
    readonly fields?: readonly string[] | undefined;
    readonly limit?: number;
    /** Leaves out values that their fields cannot mean, in place of an error. */
    readonly lenient?: boolean | undefined;
  } = {},
): Promise<Row[]> {
  const selected = fields === undefined ? model.fields : fields.map((name) => fieldOf(model, name));
  const query = connection
    .db(model.table)
    .select(selectColumns(connection, selected))
    .where(conditions(connection, model, where))
    // The column's name alone would be that of the selected expression, which is text where the key is a number.
    .orderBy(model.keyFields.map(({ column }) => `${model.table}.${column}`));
  const rows: Record<string, unknown>[] = await (limit === undefined ? query : query.limit(limit));
  return rows.map((row) => {
    if (lenient) return readableRow(connection, selected, row);
    try {
      return readRow(connection, selected, row);
    } catch (error) {
      const { primaryKey } = model;
      throw inRow(error, model.table, primaryKey, row[primaryKey.column] ?? '?');
    }
  });
}

/** Inserts one row, absent fields with their defaults at `now`, and resolves with its primary key. */
export async function insertRow(
  connection: DbContext,
  model: Model,
  row: Row,
  { now }: { readonly now: Date },
): Promise<Value> {
  for (const name of Object.keys(row)) fieldOf(model, name);
  const values: Row = {};
  for (const field of model.fields) {
    if (row[field.name] === undefined && isLeftToDatabase(field)) continue;
    const value = row[field.name] === undefined ? defaultOf(field, now) : row[field.name];
    if (value !== undefined) values[field.name] = value;
  }
  const { primaryKey } = model;
  const hasKey = (values[primaryKey.name] ?? '') !== '';
  if (!hasKey && !isGenerated(primaryKey.type) && !isLeftToDatabase(primaryKey)) {
    throw new CommandError(`A new row of '${model.table}' needs a value for its key '${primaryKey.name}'.`, {
      code: 'no_key',
      hint: 'Neither its model nor the database makes one: give one.',
    });
  }
  const key = { column: primaryKey.column, field: storedField(connection.registry, primaryKey) };
  const { db, dialect } = connection;
  const raw = await dialect.insertRow(db, model.table, columns(connection, model, values), key);
  return dialect.read(key.field, raw);
}

/** Changes the named fields, and no others, of the row with this primary key; resolves with the number of rows. */
export async function updateRow(connection: DbContext, model: Model, pk: Value, changes: Row): Promise<number> {
  if (Object.keys(changes).length === 0) return 0;
  return repeatableStatement(connection, async () =>
    connection
      .db(model.table)
      .where(conditions(connection, model, { [model.primaryKey.name]: pk }))
      .update(columns(connection, model, changes)),
  );
}

/** Expressions that read these fields' columns, for `select`. */
export function selectColumns(
  { db, dialect, registry }: DbContext,
  fields: readonly Field[],
  table?: string,
): Knex.Raw[] {
  return fields.map((field) => dialect.selectColumn(db, storedField(registry, field), field.column, table));
}

/** A row that was read with {@link selectColumns}. */
export function readRow({ dialect, registry }: DbContext, fields: readonly Field[], raw: Record<string, unknown>): Row {
  return Object.fromEntries(
    fields.map((field) => [field.name, dialect.read(storedField(registry, field), raw[field.column])]),
  );
}

/** The same without the values that their fields cannot mean: SQLite keeps anything in any column. */
export function readableRow(connection: DbContext, fields: readonly Field[], raw: Record<string, unknown>): Row {
  const row: Row = {};
  for (const field of fields) {
    try {
      Object.assign(row, readRow(connection, [field], raw));
    } catch (error) {
      if (!(error instanceof CommandError) || error.code !== 'bad_value') throw error;
    }
  }
  return row;
}

/** What is bound for these values, by column. */
function columns({ db, dialect, registry }: DbContext, model: Model, row: Row): Record<string, Knex.Value> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const field = fieldOf(model, name);
      return [field.column, dialect.bind(db, storedField(registry, field), value)];
    }),
  );
}

function conditions(connection: DbContext, model: Model, row: Row) {
  const wanted = Object.entries(columns(connection, model, row));
  return (query: Knex.QueryBuilder) => {
    for (const [column, value] of wanted) {
      if (value === null) query.whereNull(column);
      else query.where(column, value);
    }
  };
}

/** Whether a column that is not given is to have what the database itself puts into it. */
export const isLeftToDatabase = (field: Field): boolean => field.dbDefault === true && field.default === undefined;

/**
 * What a new row has where nothing is given; undefined for a field without a default that may not be NULL, and for a key:
 * no row is found again by NULL, which SQLite lets into keys, or by an empty text.
 */
export function defaultOf(field: Field, now: Date): Value | undefined {
  const { default: value } = field;
  if (value === undefined && field.primaryKey) return undefined;
  if (value === undefined) return field.null ? null : emptyValueOf(field.type);
  if ('value' in value) return value.value;
  switch (value.computed) {
    case 'now':
      return timestampOf(now);
    case 'today':
      return timestampOf(now).slice(0, 10);
    case 'uuid4':
      return randomUUID();
    case 'emptyObject':
      return '{}';
    case 'emptyList':
      return '[]';
  }
}

function fieldOf(model: Model, name: string): Field {
  const field = model.fields.find((each) => each.name === name);
  if (field === undefined) {
    throw new CommandError(`The model ${model.label} has no field '${name}'.`, {
      code: 'unknown_field',
      hint: knownNames(
        name,
        model.fields.map((each) => each.name),
        { say: 'It has' },
      ),
    });
  }
  return field;
}
