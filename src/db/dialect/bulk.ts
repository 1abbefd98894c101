import type { Knex } from 'knex';
import type { Field } from '../../registry/types.js';
import type { Value } from './values.js';

/** A column that is written, and the stored field that it is of. */
export interface BulkColumn {
  readonly name: string;
  readonly field: Field;
}

/** Rows for one table: each has a value for each column, in that order. */
export interface BulkRows {
  readonly table: string;
  readonly columns: readonly BulkColumn[];
  readonly rows: readonly (readonly Value[])[];
}

/**
 * Rows for one table as bytes of the texts that {@link Packing} has made of them: they need a fraction of the room, and of the
 * time, of their values.
 */
export interface PackedRows {
  readonly table: string;
  readonly columns: readonly BulkColumn[];
  readonly bytes: Buffer;
}

/**
 * Packs values that stand as JSON, and are known to be what their columns hold: texts without NUL and without escapes of
 * surrogates, moments in UTC with `T` and `Z` and a fraction of none, three or six digits, numbers of at most 15 digits. All
 * texts have a character for each byte of UTF-8, so that nobody has to decode and encode them.
 */
export interface Packing {
  /** Makes what is packed of a value; undefined for a column of which nothing can be packed. */
  cell(field: Field): ((json: string) => string) | undefined;
  /** Makes a packed row of what is packed of its values. */
  row(columns: readonly BulkColumn[]): (cells: readonly string[]) => string;
  /** What stands between packed rows that are put together. */
  readonly between: string;
}

/** Writes many rows with one statement. Values are as {@link Value} says. */
export interface Bulk {
  /** Which of these keys (the columns of the key alone) are there, as the texts of what `joinKey` makes of them. */
  existing(executor: Knex, keys: BulkRows): Promise<ReadonlySet<string>>;
  /**
   * Inserts rows that are not there, into one table after the other: all of them or none. Everything is made ready
   * before `turn` is waited for, so that the database works on something else meanwhile.
   */
  insert(executor: Knex, tables: readonly (BulkRows | PackedRows)[], turn?: Promise<unknown>): Promise<void>;
  /** Not every engine takes packed rows. */
  readonly packing?: Packing | undefined;
  /**
   * Inserts rows; where one with the same `key` is there already, its columns `update` are set to the new values, and
   * with none of them it stays as it is.
   */
  upsert(
    executor: Knex,
    rows: BulkRows,
    options: { readonly key: string; readonly update: readonly string[] },
  ): Promise<void>;
  /** Changes the rows whose key (the first column, or as many as `keys` says) is there: all other columns. */
  update(executor: Knex, rows: BulkRows, keys?: number): Promise<void>;
  /** Makes the links of these owners be the pairs in `rows` (two columns: the owner's and the other's). */
  replaceLinks(executor: Knex, rows: BulkRows, owners: readonly Value[]): Promise<void>;
  /**
   * Sets `count` keys aside for new rows of a table whose keys are generated, and resolves with the first: they are above
   * all that there are and, where that is known, were.
   */
  reserveKeys(executor: Knex, keys: WantedKeys): Promise<bigint>;
}

export interface WantedKeys {
  readonly table: string;
  readonly column: string;
  readonly count: number;
  /** Whether other programs may be given them all the same: the rows will be rolled back. */
  readonly passing?: boolean;
}
