import type { Knex } from 'knex';
import type { CommandError } from '../../errors.js';
import type { Field } from '../../registry/types.js';
import type { Executor } from '../connect/connection.js';
import type { IntrospectedTable, Introspection } from '../introspection/introspection.js';
import type { EditorOptions, SchemaEditor, TableDefinition } from '../schema/schema-editor.js';
import type { LockAttempt } from '../transactions/locks.js';
import type { SecondReader } from '../transactions/snapshot.js';
import type { OpenTransaction, TransactionMode } from '../transactions/transaction.js';
import type { BatchDialect } from '../write/batches.js';
import type { Bulk, BulkRows } from '../write/bulk.js';
import type { EmptiedTable } from '../write/truncate.js';
import type { TextDialect } from './text-dialect.js';

/**
 * A value as the whole program has it, whatever the engine: text, numbers that a double holds exactly, booleans, bytes,
 * null. Timestamps are ISO text in UTC with microseconds where there are any (`2026-11-21T07:44:07.018158+00:00`), dates
 * and times ISO text, integers of 64-bit columns and decimals decimal text, UUIDs text with dashes, JSON its text, and
 * durations what Django's fixtures hold (`1 02:03:04.000005`, `-1 23:59:59`; Django 5.2 utils/duration.py).
 */
export type Value = string | number | boolean | Uint8Array | null;

/** A column of a query whose rows are packed, and the stored field that it is of. */
export interface PackedColumn {
  readonly name: string;
  readonly field: Field;
}

/** What differs between database engines. One folder beside this file for each; no name of one outside `db/`. */
export interface Dialect {
  /** For messages and for the choice of golden files in tests, never for a decision. */
  readonly name: string;
  /** What a person calls it: `SQLite`, `PostgreSQL`. */
  readonly displayName: string;
  readonly maxNameLength: number | undefined;
  /** Parameters that one statement may have. */
  readonly maxParameters: number;
  /** Whether rows are only ever changed by one connection at a time. */
  readonly singleWriter: boolean;
  /** Zone that timestamps are taken to be in where the database does not say it; undefined where it does. */
  readonly timestampZone: string | undefined;
  /**
   * Whether columns keep to the types of their fields. Where not, an integer of any type has 64 bits, a text any length
   * and a duration 64 bits of microseconds, and there is no NaN.
   */
  readonly typedColumns: boolean;

  /** Column types, DDL and name rules. The editor of a recording executor only records. */
  editor(executor: Executor, options?: EditorOptions): Promise<SchemaEditor>;
  /** What introspection of this table says after {@link SchemaEditor.createTable}. */
  describe(table: TableDefinition): Promise<IntrospectedTable>;
  /** What is in the database: tables, columns, constraints, indexes, sequences. */
  introspect(executor: Executor, options?: { readonly tables?: readonly string[] }): Promise<Introspection>;
  /** Names of the tables alone: cheap. */
  tableNames(executor: Executor): Promise<string[]>;

  /** Expression that reads the column of `field` (a stored field) losslessly, named as the column. */
  selectColumn(executor: Executor, field: Field, column: string, table?: string): Knex.Raw;
  /** Turns what the driver gave for `selectColumn` into a {@link Value}. */
  read(field: Field, raw: unknown): Value;
  /** Turns a {@link Value} into what is bound for a column of `field`. */
  bind(executor: Executor, field: Field, value: Value): Knex.Value;

  /**
   * The condition that a column of timestamps is before or after `moment`, whatever form its values have; neither holds for
   * what is no moment. For `<` an index on the column is used.
   */
  compareMoments(executor: Executor, field: Field, column: string, operator: '<' | '>', moment: string): Knex.Raw;
  /**
   * The conditions that a column of timestamps holds another form than Django writes, and something that is no moment;
   * undefined where columns keep to their types.
   */
  oddMoments?(executor: Executor, column: string): { readonly otherForm: Knex.Raw; readonly unreadable: Knex.Raw };

  /**
   * Runs a query and resolves with its rows as the text of a JSON array of arrays, in the order of `columns`: much
   * cheaper than as rows. What it holds of a column is what `read` takes, but for floats and bytes, which do not survive
   * it. Null where there are no rows.
   */
  packRows(executor: Executor, query: Knex.QueryBuilder, columns: readonly PackedColumn[]): Promise<string | null>;

  /** Narrows a query to rows whose column (one, of the table) has one of these values, however many there are. */
  whereAmong(executor: Executor, query: Knex.QueryBuilder, keys: BulkRows): Promise<void>;

  /** The condition that a text column has one of these values, however many there are: they are bound as one. */
  amongTexts(executor: Executor, column: string, texts: Iterable<string>): Knex.Raw;
  /** The condition that a text column begins with `text`, of letters and digits: its index is used. */
  startsWith(executor: Executor, column: string, text: string): Knex.Raw;

  /** How rows are made text, or undefined where timestamps are not in UTC. */
  textRows(): Promise<TextDialect | undefined>;

  /** What writes many rows with one statement, inside of the transaction of `executor`. */
  bulk(executor: Executor): Promise<Bulk>;

  /** Makes sure that the database can be read. */
  verify(executor: Executor): Promise<void>;
  /** Begins a transaction on the one connection behind `executor`: only for transaction.ts. */
  begin(executor: Executor, mode: TransactionMode, lockTimeoutMs?: number): Promise<OpenTransaction>;
  /** Opens a second connection for reading, where two read faster than one: only for snapshot.ts. */
  openSecondReader(): Promise<SecondReader | undefined>;
  /**
   * Makes what checks references without a commit, inside of the transaction of `executor`: it throws what a commit would
   * throw for those that were broken since.
   */
  watchReferences(executor: Executor): Promise<() => Promise<void>>;
  /** Makes ready to take the lock `name` on this database: only for locks.ts. */
  openLock(name: string): Promise<LockAttempt>;

  /** Statements that empty tables and restart their generated keys (Django's `sql_flush`). */
  emptySql(executor: Executor, tables: readonly EmptiedTable[]): Promise<string[]>;
  /** Deletes in batches: for batches.ts. */
  batches(): Promise<BatchDialect>;

  /** Statements that make the next generated keys of these tables follow the greatest one that is there. */
  resetSequencesSql(tables: readonly { readonly table: string; readonly column: string }[]): string[];

  /** The sentence for an error of the driver that a person can act on; undefined for all others. */
  explain(error: unknown): CommandError | undefined;
  /** Whether the error says that a unique constraint was broken. */
  isUniqueViolation(error: unknown): boolean;
}
