import type { Knex } from 'knex';
import type { Field } from '../../registry/types.js';
import type { Executor } from '../connect/executor.js';
import type { BulkRows } from './bulk.js';

/** Names and values as they stand in a statement that is run, or printed, as text. */
export interface SqlText {
  /** A name of a table or column. */
  quoteName(name: string): string;
  /** An expression of any type as text, to the last digit. */
  asText(expression: string): string;
  quoteLiteral(value: string | number | bigint | boolean): string;
}

/** The primary key of a table. */
export interface KeyColumn {
  readonly table: string;
  readonly column: string;
  readonly field: Pick<Field, 'type'>;
}

/** Pairs of texts as a table in FROM: rows of two tables for many who ask at once, by the indexes of both. */
export interface PairsTable {
  /** The table, called `asked`, with a `?` for each of the values that `bind` makes. */
  readonly sql: string;
  /** The first of a pair. */
  readonly first: string;
  /** The second of a pair, as a value of a field. */
  second(field: Pick<Field, 'type'>): string;
  bind(pairs: readonly (readonly [string, string])[]): Knex.Value[];
}

export interface AmongRows extends BulkRows {
  /**
   * The key of the table, where its rows are to be looked up value by value, and the table is large. What an engine knows of its
   * contents may tell it otherwise: that most rows have the same value, for one.
   */
  readonly address?: string;
}

/** Conditions that engines write differently. */
export interface SqlDialect extends SqlText {
  /** Statements that a script begins with, so that its names lead where they lead here. */
  readonly preamble?: readonly string[];
  /** Narrows a query to rows whose columns, together, have one of these lists of values, however many there are. */
  whereAmong(executor: Executor, query: Knex.QueryBuilder, keys: AmongRows): Promise<void>;
  /** The condition that a text column has one of these values, however many there are: they are bound as one. */
  amongTexts(executor: Executor, column: string, texts: Iterable<string>): Knex.Raw;
  /** Undefined where one query for many is no faster than one for each. */
  readonly pairs?: PairsTable;
  /** The condition that a text column begins with `text`, of letters and digits: its index is used. */
  startsWith(executor: Executor, column: string, text: string): Knex.Raw;
  /**
   * The condition that a table has a row whose key is what a column of texts says, as Django reads it: NULL for what is no key, at
   * which Django stops. The key's index is used where it can be.
   */
  hasKey(executor: Executor, key: KeyColumn, text: string): Knex.Raw;
  /** The statement that drops a temporary table, with its name as `??`, within a transaction. */
  readonly dropTemporarySql: string;
}
