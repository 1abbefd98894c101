import type { Knex } from 'knex';
import type { Field } from '../../registry/types.js';
import type { Executor } from '../connect/executor.js';

/**
 * A value as the whole program has it, whatever the engine: text, numbers that a double holds exactly, booleans, bytes,
 * null. Timestamps are ISO text in UTC with microseconds where there are any (`2026-11-21T07:44:07.018158+00:00`), dates
 * and times ISO text, integers of 64-bit columns and decimals decimal text, UUIDs text with dashes, JSON its text, and
 * durations what Django's fixtures hold (`1 02:03:04.000005`, `-1 23:59:59`; Django 5.2 utils/duration.py).
 */
export type Value = string | number | boolean | Uint8Array | null;

/** How values get into a statement, and out of an answer. */
export interface ValueDialect {
  /** Expression that reads the column of `field` (a stored field) losslessly: `??` in it stands for the column. */
  readExpression(field: Field): string;
  /** The same for one column, named as that. */
  selectColumn(executor: Executor, field: Field, column: string, table?: string): Knex.Raw;
  /** Turns what the driver gave for `selectColumn` into a {@link Value}. */
  read(field: Field, raw: unknown): Value;
  /**
   * The text of what `read` refuses and `bind` takes: moments, dates and durations that only this database has, such as
   * infinite ones. Undefined for other values.
   */
  readOutside?(field: Field, raw: unknown): string | undefined;
  /** Turns a {@link Value} into what is bound for a column of `field`. */
  bind(executor: Executor, field: Field, value: Value): Knex.Value;
  /**
   * The condition that a column of timestamps is before or after `moment`, whatever form its values have; neither holds for
   * what is not a valid time. For `<` and `<=` an index on the column is used.
   */
  compareMoments(executor: Executor, field: Field, column: string, operator: MomentOperator, moment: string): Knex.Raw;
  /**
   * The conditions that a column of timestamps holds another form than Django writes, and something that is no moment;
   * undefined where columns hold neither, as those of another `type` than timestamps do not.
   */
  oddMoments?(executor: Executor, column: string, type?: string): OddMoments | undefined;
  /** The type of a column's value (`integer`, `real`, `text`, `blob`), where each value has its own. */
  typeOfValue?(executor: Executor, column: string): Knex.Raw;
}

export type MomentOperator = '<' | '<=' | '>';

/** Conditions on a column of timestamps; see `ValueDialect.oddMoments`. */
export interface OddMoments {
  readonly otherForm: Knex.Raw;
  readonly unreadable: Knex.Raw;
}
