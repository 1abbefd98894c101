import type { Knex } from 'knex';
import type { Field } from '../../registry/types.js';

/** How an engine makes text of rows. */
export interface TextDialect {
  /**
   * An expression of the column `??` that is JSON of a stored field's values once it is joined to a text, and NULL of what
   * the field cannot mean; undefined where the engine's text would lose something.
   */
  json(field: Field, precision: 'full' | 'milliseconds'): string | undefined;
  /** An aggregate that joins texts: of rows as they come, or by `order` where that is given. */
  join(expression: string, separator: ListSeparator, order?: string): string;
  /**
   * An aggregate that joins texts with what is bound for `?`: a text, or its bytes in UTF-8 where they come cheaper.
   * Undefined where the engine would cut long ones off: they are then joined here.
   */
  joinWith?(expression: string): string;
  /**
   * Runs a query whose columns are all texts that are not NULL, and resolves with the bytes of each row's, where they come cheaper
   * than as texts.
   */
  readBytes?(query: Knex.QueryBuilder): Promise<readonly (readonly (Uint8Array | null)[])[]>;
  /**
   * How the links of rows are found fastest: those of a whole page at once; row by row, in a subquery that sorts them; or row
   * by row, by an aggregate that sorts them, where a subquery in FROM cannot see the row.
   */
  readonly links: 'page' | 'sorted' | 'aggregate';
  /** What makes bytes that are no UTF-8 of all that it is joined into: that is cheaper than to count what is NULL. */
  readonly noText?: string;
}

/** What stands between the keys of a list. */
export type ListSeparator = ', ' | ',';

/** Types of keys that pages are read by. */
export const textKeys: ReadonlySet<Field['type']> = new Set([
  'AutoField',
  'BigAutoField',
  'SmallAutoField',
  'IntegerField',
  'BigIntegerField',
  'CharField',
]);
