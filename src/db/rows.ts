import type { Model } from '../registry/types.js';
import type { Connection, Executor } from './connection.js';
import type { Value } from './dialect.js';

/** A row by field names (`user`, not `user_id`), with values as {@link Value} says. */
export type Row = Record<string, Value>;

/** Rows of `model` whose fields equal those of `where`, in the order of the primary key. For few rows. */
export declare function selectRows(
  connection: Pick<Connection, 'dialect' | 'registry'>,
  executor: Executor,
  model: Model,
  where: Row,
  options?: { readonly fields?: readonly string[]; readonly limit?: number },
): Promise<Row[]>;

/** Inserts one row, absent fields with their defaults at `now`, and resolves with its primary key. */
export declare function insertRow(
  connection: Pick<Connection, 'dialect' | 'registry'>,
  executor: Executor,
  model: Model,
  row: Row,
  options: { readonly now: Date },
): Promise<Value>;

/** Changes the named fields, and no others, of the row with this primary key; resolves with the number of rows. */
export declare function updateRow(
  connection: Pick<Connection, 'dialect' | 'registry'>,
  executor: Executor,
  model: Model,
  pk: Value,
  changes: Row,
): Promise<number>;
