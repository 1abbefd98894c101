import type { Field } from '../../registry/types.js';

/** How an engine makes text of rows. */
export interface TextDialect {
  /**
   * An expression of the column `??` that is JSON of a stored field's values, and NULL of what the field cannot mean;
   * undefined where the engine's text would lose something.
   */
  json(field: Field, precision: 'full' | 'milliseconds'): string | undefined;
  /** An aggregate that joins texts. */
  join(expression: string, separator: ListSeparator): string;
  /** An aggregate that joins texts with what is bound for `?`: a text, or its bytes in UTF-8 where they come cheaper. */
  joinWith(expression: string): string;
  /** Whether the links of a whole page are found faster at once than row by row. */
  readonly linksAtOnce: boolean;
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
