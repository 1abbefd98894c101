import type { Knex } from 'knex';
import type { Field } from '../../registry/types.js';
import type { Executor } from '../connect/executor.js';
import type { TextDialect } from './text-dialect.js';

/** A column of a query whose rows are packed, and the stored field that it is of. */
export interface PackedColumn {
  readonly name: string;
  readonly field: Field;
}

/** A connection beside the one of a transaction, which only reads. */
export interface SecondReader {
  readonly executor: Executor;
  /** What is another value once somebody has committed something. No lock is held afterwards. */
  version(): Promise<unknown>;
  /** Begins to read one state; resolves with whether that is the one of `version`, and otherwise reads nothing. */
  begin(version: unknown): Promise<boolean>;
  close(): Promise<void>;
}

/** How many rows are read cheaply. */
export interface ReadingDialect {
  /**
   * Runs a query and resolves with its rows as the text of a JSON array of arrays, in the order of `columns`: much
   * cheaper than as rows. What it holds of a column is what `read` takes, but for floats and bytes, which do not survive
   * it. Null where there are no rows.
   */
  packRows(executor: Executor, query: Knex.QueryBuilder, columns: readonly PackedColumn[]): Promise<string | null>;
  /** How rows are made text, or undefined where timestamps are not in UTC, or texts not in UTF-8. */
  textRows(executor: Executor): Promise<TextDialect | undefined>;
  /** Makes sure that the database can be read. */
  verify(executor: Executor): Promise<void>;
  /** Opens a second connection for reading, where two read faster than one: only for snapshot.ts. */
  openSecondReader(): Promise<SecondReader | undefined>;
}
