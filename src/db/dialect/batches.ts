import type { Knex } from 'knex';
import type { Executor } from '../connect/executor.js';
import type { PackedColumn, ReadingDialect } from './reading.js';
import type { TransactionDialect } from './transactions.js';

/** A table, or a leaf partition of one: what has addresses that tell its rows apart. */
export interface TablePart {
  /** Its name, quoted and with its schema where there is one, for raw SQL. */
  readonly name: Knex.Raw;
  /** What addresses a row: a column, or several in brackets. */
  readonly address: Knex.Raw;
  /** The same without brackets, for an engine that reads addresses. */
  readonly columns?: Knex.Raw;
}

/** What an engine does for work on whole tables, piece by piece. */
export interface BatchDialect {
  /** Where the rows of a table are. */
  parts(executor: Executor, table: string): Promise<readonly TablePart[]>;
  /**
   * The condition that holds for up to `limit` rows of `part` for which `where` holds, and which nobody else has locked;
   * undefined where there are none. Raw SQL is never what a promise resolves with: it would be run.
   */
  some(
    executor: Executor,
    part: TablePart,
    where: Knex.Raw,
    limit: number,
  ): Promise<{ readonly rows: Knex.Raw } | undefined>;
  /**
   * Reads a table in the order that costs least, a page at a time. Each row that is there throughout comes once; whether those
   * do that come or go meanwhile is left open.
   *
   * @throws CommandError where some may have been missed.
   */
  scan(connection: ScanContext, scan: TableScan): AsyncGenerator<ScannedRows, void>;
  /** Gives the room of deleted rows back. Cannot be done inside of a transaction. */
  vacuum(connection: Pick<ScanContext, 'db'>, table: string): Promise<void>;
}

/** What is read of a table, and how. */
export interface TableScan {
  /** The rows that are wanted, in no order and without a limit. */
  readonly query: (executor: Executor) => Knex.QueryBuilder;
  readonly table: string;
  /** The column of the primary key. */
  readonly key: string;
  /** What `query` selects; see `Dialect.packRows` for what comes of it. */
  readonly columns: readonly PackedColumn[];
  /** How many rows the next page is to have, by the last one. */
  readonly pageSize: (last: ScannedRows | undefined) => number;
  /**
   * Whether somebody looks at one page for as long as he likes before he takes the next one, as at a terminal: then no
   * transaction may be open meanwhile.
   */
  readonly slowReader?: boolean;
}

/** The rows of a page, each with its values in the order of the columns. */
export type ScannedRows = readonly (readonly unknown[])[];

/** What a scan needs of a connection. */
export interface ScanContext {
  readonly db: Executor;
  readonly dialect: ReadingDialect & TransactionDialect;
}
