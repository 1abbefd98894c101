import type { Executor } from '../connect/executor.js';

/** A table whose keys the database makes, and the column of them. */
export interface GeneratedKey {
  readonly table: string;
  readonly column: string;
}

/** How a table is kept, where tables can be kept in several ways. */
export interface StoredTable {
  readonly table: string;
  /** The kind of storage, where that has neither transactions nor references. */
  readonly withoutTransactions: string | undefined;
  /** Columns by their character set, where that does not have all characters. */
  readonly narrow: ReadonlyMap<string, readonly string[]>;
  /** By which its texts are compared. */
  readonly collations: readonly string[];
}

/** What a database says of its own state. */
export interface HealthDialect {
  /** Milliseconds since 1970 by the clock of the server; undefined where there is none but this machine's. */
  clock(executor: Executor): Promise<number | undefined>;
  /** Bytes that the database takes, and each of its tables with its indexes, as far as the engine keeps count. */
  sizes(executor: Executor): Promise<{ readonly total: number; readonly tables: ReadonlyMap<string, number> }>;
  /** Those whose next key is one that a row has already: the next row that is made fails. */
  sequencesBehind(executor: Executor, keys: readonly GeneratedKey[]): Promise<readonly GeneratedKey[]>;
  /** All tables; none where they are all kept alike. */
  storage(executor: Executor): Promise<readonly StoredTable[]>;
}
