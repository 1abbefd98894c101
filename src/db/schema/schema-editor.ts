import type { ElementDefinition, FieldDefault, FieldType } from '../../registry/types.js';

/** A type that a column can have: references carry the type of the key that they refer to. */
export type ColumnType = Exclude<FieldType, 'ForeignKey' | 'OneToOneField' | 'CompositePrimaryKey'>;

export interface ColumnReference {
  readonly table: string;
  readonly column: string;
  /** What stands behind the reference where it is not as Django has it: ` ON DELETE CASCADE`. */
  readonly rules?: string | undefined;
}

/** One column as a migration writes it. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: ColumnType;
  readonly maxLength?: number;
  readonly maxDigits?: number;
  readonly decimalPlaces?: number;
  /** See `FieldDefinition`, these two. */
  readonly baseField?: ElementDefinition;
  readonly dbType?: string;
  readonly null?: boolean;
  readonly unique?: boolean;
  readonly index?: boolean;
  readonly primaryKey?: boolean;
  /** Makes it a foreign key, deferrable and initially deferred, with an index unless `index` is false. */
  readonly references?: ColumnReference;
}

/** An index over several columns, or one with a name of its own; `-` before a column stands for descending order. */
export interface TableIndex {
  readonly name?: string;
  readonly columns: readonly string[];
}

export interface TableDefinition {
  readonly name: string;
  /** Where it is made, on an engine that has schemas: in place of the first of the search path. */
  readonly schema?: string;
  readonly columns: readonly ColumnDefinition[];
  /** Columns that are the key together; one alone says so itself. */
  readonly primaryKey?: readonly string[];
  readonly uniqueTogether?: readonly (readonly string[])[];
  readonly indexes?: readonly TableIndex[];
}

export interface AlterOptions {
  /** What NULLs become where the column may hold none any more, and rows that are there where it is new. */
  readonly fill?: FieldDefault;
}

/**
 * Writes DDL so that the result is what Django 5.2 would have made: the same types, constraints, indexes, and the same
 * names for them (db/backends/base/schema.py). Each verb runs its statements at once; statements that refer to other
 * tables are kept until `finish`, as Django's deferred SQL is. Tables are given whole, as they are (`before`) or as
 * they are to be (`after`), so that statements can be shown without a database; what others have added to a table in
 * the database is kept.
 */
export interface SchemaEditor {
  createTable(table: TableDefinition): Promise<void>;
  /** @throws CommandError where another table still refers to it. */
  dropTable(name: string): Promise<void>;
  alterColumn(before: TableDefinition, after: TableDefinition, column: string, options?: AlterOptions): Promise<void>;
  addColumn(after: TableDefinition, column: string, options?: AlterOptions): Promise<void>;
  dropColumn(before: TableDefinition, column: string): Promise<void>;
  addUniqueTogether(after: TableDefinition, columns: readonly string[]): Promise<void>;
  dropUniqueTogether(before: TableDefinition, columns: readonly string[]): Promise<void>;
  addIndex(after: TableDefinition, index: TableIndex): Promise<void>;
  dropIndex(before: TableDefinition, index: TableIndex): Promise<void>;
  /** Runs what was kept back. Called by the runner at the end of a migration. */
  finish(): Promise<void>;
}

export interface EditorOptions {
  /** Whether a migration is being undone: Django then puts an altered column elsewhere on SQLite. */
  readonly backwards?: boolean;
  /** For defaults that are computed; by default the present. */
  readonly now?: Date;
  /** Whether an earlier run may have done a part, which a rollback did not take back: what is there already is not made again. */
  readonly resumed?: boolean;
  /** Called after each statement that has changed a table, where the engine cannot take it back. */
  readonly onChange?: () => void;
}
