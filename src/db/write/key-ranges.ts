import type { Knex } from 'knex';
import { storedField } from '../../registry/define.js';
import type { Model, Registry } from '../../registry/types.js';
import type { DbContext } from '../connect/connection.js';
import type { Value } from '../dialect/dialect.js';
import { allOf } from '../read/expressions.js';

/** Rows of a table whose keys follow each other: those after one key, up to another one. */
export interface KeyRange {
  /** Undefined for the beginning of the table. */
  readonly after: Value | undefined;
  /** Undefined for the rest of the table. */
  readonly upTo: Value | undefined;
}

/**
 * The rows that have no key: SQLite lets NULL into keys. It is a range of its own, since a condition that is about them and
 * about keys too would be looked for in the whole table.
 */
export const keyless = 'keyless';

type Context = DbContext & { readonly registry: Registry };

const keyOf = ({ registry }: Context, { primaryKey }: Model) => ({
  ...storedField(registry, primaryKey),
  column: primaryKey.column,
});

/** The range that begins `after` a key and has `rows` rows. */
export async function nextRange(
  connection: Context,
  model: Model,
  after: Value | undefined,
  rows: number,
): Promise<KeyRange> {
  const { db, dialect } = connection;
  const key = keyOf(connection, model);
  const name = `${model.table}.${key.column}`;
  const query = db(model.table)
    .select(dialect.selectColumn(db, key, key.column, model.table))
    .whereNotNull(name)
    .orderBy(name)
    .limit(1)
    .offset(rows - 1);
  if (after !== undefined) query.where(name, '>', dialect.bind(db, key, after) as never);
  const [row]: Record<string, unknown>[] = await query;
  return { after, upTo: row === undefined ? undefined : dialect.read(key, row[key.column]) };
}

/** The condition that a row is in the range. */
export function inRange(connection: Context, model: Model, range: KeyRange | typeof keyless): Knex.Raw {
  const { db, dialect } = connection;
  const key = keyOf(connection, model);
  const name = `${model.table}.${key.column}`;
  if (range === keyless) return db.raw('?? IS NULL', [name]);
  const { after, upTo } = range;
  const compared = (operator: string, value: Value) =>
    db.raw(`?? ${operator} ?`, [name, dialect.bind(db, key, value)] as never);
  const ends = [
    ...(after === undefined ? [] : [compared('>', after)]),
    ...(upTo === undefined ? [] : [compared('<=', upTo)]),
  ];
  return allOf(db, ends.length === 0 ? [db.raw('?? IS NOT NULL', [name])] : ends);
}
