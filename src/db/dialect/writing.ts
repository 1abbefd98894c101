import type { Field } from '../../registry/types.js';
import type { Executor } from '../connect/executor.js';
import type { EmptiedTable } from '../write/truncate.js';
import type { BatchDialect } from './batches.js';
import type { Bulk } from './bulk.js';

/** The column of a primary key, and the stored field that it is of. */
export interface KeyColumn {
  readonly column: string;
  readonly field: Field;
}

/** How rows are written and deleted. */
export interface WritingDialect {
  /** Inserts one row of bound values by column, and resolves with its key as `read` takes it. */
  insertRow(executor: Executor, table: string, row: Record<string, unknown>, key: KeyColumn): Promise<unknown>;
  /** What writes many rows with one statement, inside of the transaction of `executor`. */
  bulk(executor: Executor): Promise<Bulk>;
  /** Deletes in batches: for batches.ts. */
  batches(): Promise<BatchDialect>;
  /** Statements that empty tables and restart their generated keys (Django's `sql_flush`), within a transaction. */
  emptySql(executor: Executor, tables: readonly EmptiedTable[]): Promise<string[]>;
  /** Those that restart the keys once that is committed, where it cannot be done before. */
  restartKeysSql?(tables: readonly EmptiedTable[]): Promise<string[]>;
  /** Statements that make the next generated keys of these tables follow the greatest one that is there. */
  resetSequencesSql(tables: readonly { readonly table: string; readonly column: string }[]): string[];
}
