import type { Knex } from 'knex';
import { storedField } from '../../registry/define.js';
import type { Field, Model } from '../../registry/types.js';
import { remembered } from '../../remembered.js';
import { runCompiled } from '../connect/client.js';
import type { DbContext } from '../connect/connection.js';
import type { Value } from '../dialect/values.js';
import { type Row, selectColumns } from '../write/rows.js';

/** Runs one query with other values each time, and resolves with its rows. */
export type PreparedRead = (values: readonly Knex.Value[]) => Promise<readonly Record<string, unknown>[]>;

/**
 * A query whose text is made once: for what a server asks at every request, where making it costs more than the answer. The
 * values take the places of those that `query` was built with, in their order.
 */
export function prepareRead({ db }: Pick<DbContext, 'db'>, query: Knex.QueryBuilder): PreparedRead {
  const { sql } = query.toSQL().toNative();
  return (values) => runCompiled(db, sql, values);
}

/** As `readRow`, with all that does not depend on the row worked out once. */
export function prepareReadRow(
  { dialect, registry }: DbContext,
  fields: readonly Field[],
): (raw: Record<string, unknown>) => Row {
  const columns = fields.map((field) => {
    const stored = storedField(registry, field);
    const read = (raw: unknown) => dialect.read(stored, raw);
    if (stored.type !== 'DateTimeField') return { ...field, read };
    // Moments are taken apart and put together again, and those of one user are the same ones each time.
    const known = remembered(read);
    return { ...field, read: (raw: unknown) => (typeof raw === 'string' ? known(raw) : read(raw)) };
  });
  return (raw) => {
    const row: Row = {};
    for (const { name, column, read } of columns) row[name] = read(raw[column]);
    return row;
  };
}

/** Reads the row of `model` whose field has a value, as `selectRows` does, with a text that is made once. */
export function prepareRowBy(
  connection: DbContext,
  model: Model,
  field: Field,
): (value: Value) => Promise<Row | undefined> {
  const { db, dialect, registry } = connection;
  const stored = storedField(registry, field);
  const readRow = prepareReadRow(connection, model.fields);
  let read: PreparedRead | undefined;
  return async (value) => {
    const bound = dialect.bind(db, stored, value);
    const query = () =>
      db(model.table).select(selectColumns(connection, model.fields)).where(field.column, bound).limit(1);
    // Some values are bound by an expression of their own: those are made anew each time.
    const isPlain = bound === null || typeof bound !== 'object';
    read ??= isPlain ? prepareRead(connection, query()) : undefined;
    const [raw]: readonly Record<string, unknown>[] =
      isPlain && read !== undefined ? await read([bound, 1]) : await query();
    return raw && readRow(raw);
  };
}
