import type { Knex } from 'knex';
import { storedField } from '../../registry/define.js';
import type { Field, Model } from '../../registry/types.js';
import { runCompiled } from '../connect/client.js';
import type { DbContext } from '../connect/connection.js';
import type { Value } from '../dialect/values.js';
import { type Row, readRow, selectColumns } from '../write/rows.js';

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

/** Reads the row of `model` whose field has a value, as `selectRows` does, with a text that is made once. */
export function prepareRowBy(
  connection: DbContext,
  model: Model,
  field: Field,
): (value: Value) => Promise<Row | undefined> {
  const { db, dialect, registry } = connection;
  const stored = storedField(registry, field);
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
    return raw && readRow(connection, model.fields, raw);
  };
}
